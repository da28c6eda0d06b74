"""Tests of the SCXML engine."""
