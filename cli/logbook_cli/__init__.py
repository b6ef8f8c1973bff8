"""The command `logbook`: one command a file. Each parses, calls one function of `logbook`, and prints."""
