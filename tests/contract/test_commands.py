"""Commands about a store on PostgreSQL: they open it themselves, beside the servers that use it."""

from pathlib import Path

import pytest
from anyio.to_thread import run_sync
from click.testing import CliRunner

from matchline.cli.importing import command as importing
from matchline.cli.options import command as options
from matchline.wiring import open_engine

EXPORT = Path(__file__).parents[1] / "gms" / "export.ini"


@pytest.mark.anyio
async def test_options_are_listed_and_imported_beside_a_server(postgres_url: str) -> None:
    async with open_engine(postgres_url):
        applied = ["gms", str(EXPORT), "--region", "US", "--apply", "--store", postgres_url]
        done = await run_sync(lambda: CliRunner().invoke(importing, applied))
        assert "changes." in done.output
        listed = await run_sync(lambda: CliRunner().invoke(options, ["--store", postgres_url, "list"]))
    assert "[service.call-me]" in listed.output
