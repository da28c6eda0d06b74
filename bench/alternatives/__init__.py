"""What a team would write by hand instead of running Matchline; see README.md here."""
