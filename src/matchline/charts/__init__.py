"""Runs the charts of SCXML services: takes their steps apart from the server, and does what they ask for.

A chart that waits is in the store and nowhere else. The engine's `charts` is the other side: requests come in there.
"""
