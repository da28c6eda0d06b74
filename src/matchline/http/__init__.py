"""The HTTP edge: it translates requests for the engine and the services, and their answers back."""
