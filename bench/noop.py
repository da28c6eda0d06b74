"""The limit: the product's HTTP stack around an operation that does nothing but answer.

It reads the body, does not look at it, and sends constant JSON of the size of the product's own answers.
"""

import asyncio
import socket

import uvloop
from starlette.requests import Request
from starlette.responses import Response

from bench.requests import USER_DATA
from matchline.chance import SystemChance
from matchline.cli.server import DrainingServer
from matchline.clock import SystemClock
from matchline.http.answers import json_answer
from matchline.http.operation import Operation
from matchline.wire import BASE_PATH
from matchline.wiring import layered, open_engine

_ID = SystemChance().new_id(SystemClock().now())
_IDS = {"_id": _ID, "_data_id": _ID}
_ACCESS = {"_access_number": "+18002000123", "_expiration_time": "1800", "_tel_url": "tel:+18002000123"}
_ANSWERS = {
    "request-interaction": json_answer({**_IDS, **_ACCESS}).body,
    "match-interaction": json_answer({**_IDS, "user_data": USER_DATA}).body,
}


async def answer(request: Request) -> Response:
    """A constant."""
    await request.body()
    return Response(_ANSWERS[request.path_params["name"]], media_type="application/json")


async def _serve() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    operation = Operation("POST", f"{BASE_PATH}/service/{{name}}", answer, {})
    async with open_engine("memory://") as engine:
        server = DrainingServer(layered(engine, [operation]), engine.node, 0)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.listening.wait()
        print(f"ready at http://127.0.0.1:{listening.getsockname()[1]} (no-op)", flush=True)
        await serving


if __name__ == "__main__":
    uvloop.run(_serve())
