"""What is nobody's business is neither shown nor left behind (rules 22 and 23)."""
