"""What a store keeps besides sessions, reservations and records. Plain data and pure functions."""
