"""The management UI in a real browser."""
