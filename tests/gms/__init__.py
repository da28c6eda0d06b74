"""An options export of Genesys Mobile Services becomes a configuration."""
