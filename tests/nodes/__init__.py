"""Several nodes over one database, as the processes that operators run."""
