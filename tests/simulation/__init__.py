"""The whole server in one process, with callers, faults and a clock, all of it drawn from one seed.

`python -m tests.simulation SEED` replays a seed; `docs/simulation.md` tells how to read what it prints.
"""
