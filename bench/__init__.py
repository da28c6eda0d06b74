"""Measurements of the running product. Nothing here is part of the product or of its tests."""
