"""An options export of Genesys Mobile Services, read and turned into a configuration of ours.

`export` reads the file, `mapping` decides what of it can be configured here. They touch no store and no network.
"""
