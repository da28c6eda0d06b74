"""Matchline: an open call-matching server. Which app session does this phone call belong to?"""

__version__ = "0.1.0"
