"""Callback applications."""
