"""What is seen from outside of what happens here: counted, traced, logged, and what of it is masked."""
