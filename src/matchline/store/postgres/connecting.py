"""How the store reaches its database: a URL with limits on every wait, and connections that are ready for work."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from matchline.store.postgres.database import prepared
from matchline.store.postgres.pipeline import Pipeline, Statement

CONNECTIONS = 8  # unless the URL says otherwise
_CONNECTIONS = "connections="  # a parameter of the URL; the others are libpq's

# What the URL does not set. Seconds, except for the last, which is in milliseconds.
_DEFAULTS: Mapping[str, str] = {
    "application_name": "matchline",
    "connect_timeout": "2",  # libpq knows nothing shorter
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "2000",
}

# A step must not wait longer than its caller, and a transaction whose client is cut off must not keep its locks.
# Every statement has its index, also while a table is small or its statistics are old; one plan serves all
# parameters. What was answered is on disk, whatever the server's default.
_SETTINGS = """
select set_config('statement_timeout', '1500ms', false),
       set_config('lock_timeout', '1500ms', false),
       set_config('idle_in_transaction_session_timeout', '3s', false),
       set_config('enable_seqscan', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('jit', 'off', false),
       set_config('client_encoding', 'utf8', false),
       set_config('synchronous_commit', case current_setting('synchronous_commit')
         when 'off' then 'on' else current_setting('synchronous_commit') end, false)
"""

# Another after each start and each recovery of the server, which begins its statistics anew after a crash. Anyone
# may read it.
_LIFE = "select concat(pg_postmaster_start_time(), ' ', stats_reset) from pg_stat_bgwriter"


class Address:
    """Where the database is, and how many connections it may be asked for."""

    def __init__(self, url: str) -> None:
        """Raises ValueError with a sentence."""
        address, _, query = url.partition("?")
        theirs = [each for each in query.split("&") if not each.startswith(_CONNECTIONS)]
        self.connections = _connections([each for each in query.split("&") if each.startswith(_CONNECTIONS)])
        try:
            named = conninfo_to_dict(f"{address}?{'&'.join(theirs)}" if any(theirs) else address)
        except psycopg.ProgrammingError as error:
            raise ValueError(f"this is no PostgreSQL URL: {str(error).strip()}") from None
        self.conninfo = make_conninfo(**{**_DEFAULTS, **{key: str(value) for key, value in named.items()}})
        self._statements: Mapping[str, Statement] = prepared()

    def connect(self) -> psycopg.Connection[Any]:
        """Raises psycopg.Error."""
        return psycopg.connect(self.conninfo, autocommit=True)

    def pipeline(self, deadline: float) -> Pipeline:
        """Raises psycopg.Error, Refused."""
        connection = self.connect()
        try:
            found = connection.execute(f"{_SETTINGS}, ({_LIFE})".encode()).fetchone()
            assert found, "it has a row"
            pipeline = Pipeline(connection, self._statements, server_life=found[-1])
            pipeline.deadline = deadline
            pipeline.prepare()
        except BaseException:
            connection.close()
            raise
        return pipeline


def _connections(given: Sequence[str]) -> int:
    count = given[-1].removeprefix(_CONNECTIONS) if given else str(CONNECTIONS)
    if not count.isdecimal() or int(count) < 1:
        raise ValueError(f"{_CONNECTIONS} must be followed by a number from 1")
    return int(count)
