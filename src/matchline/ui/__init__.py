"""The management UI, served at `/ui`: pages for people over the same engine that the API asks."""
