"""Faults of single parts of the server, declared like those of `errors.py`."""
