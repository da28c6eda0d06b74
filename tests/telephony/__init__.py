"""Real telephone calls: sipp dials, Kamailio asks a running Matchline, the tests read the answer."""
