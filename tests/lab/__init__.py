"""A private Asterisk, a carrier and agents for tests, all on the loopback interface and without root."""
