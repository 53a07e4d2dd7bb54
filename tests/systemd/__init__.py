"""The unit and its companions, as systemd reads them."""
