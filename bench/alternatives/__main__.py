"""python -m bench.alternatives REDIS_URL NUMBERS: serve on a free port of 127.0.0.1."""

import socket
from pathlib import Path

import click
import uvicorn

from bench.alternatives.app import create_app

_BACKLOG = 2048  # uvicorn's own, for a socket that it opens itself


class _Server(uvicorn.Server):
    """It says when it is ready, as the product does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:
            print(f"ready at http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)


@click.command()
@click.argument("redis_url")
@click.argument("numbers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(redis_url: str, numbers: Path) -> None:
    """Serve the lines of the file NUMBERS from the Redis at REDIS_URL."""
    app = create_app(redis_url, numbers.read_text().split())
    settings = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listening:
        _Server(settings).run([listening])


main()
