"""Events: recorded, read again, streamed and delivered."""
