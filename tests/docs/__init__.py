"""What the documents say is true: their commands run, their files load, their links lead somewhere."""
