"""One module for each kind of object: its endpoints and its rules."""
