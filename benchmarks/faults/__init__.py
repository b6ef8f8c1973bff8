"""Faulty programs of documented kinds, each with its repaired twin: what is found, and when the wolf is cried."""
