"""A PostgreSQL, three nodes and a load balancer on this machine."""
