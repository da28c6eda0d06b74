"""With 100,000 live sessions every page that shows some still answers; how fast is printed, and not asserted."""

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from matchline.clock import Instant, SystemClock
from matchline.wiring import open_engine, read_document
from tests.acceptance.command import Server
from tests.nodes.cluster import Node
from tests.postgres import PostgresServer

from .many import fill, phone_of, session_id
from .setting import CONFIGURATION

COUNT = 100_000
SHARED = "+1 800 555 0190"

TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')

Many = tuple[Server, Instant]


@pytest.fixture(scope="module", params=["sqlite", "postgres"], name="many")
def _many(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[Many]:
    """A server, and the instant at which its store was filled."""
    folder = tmp_path_factory.mktemp("many")
    store = postgres.empty() if request.param == "postgres" else f"sqlite:///{folder / 'matchline.db'}"
    server = Node(folder, store, CONFIGURATION)
    with ThreadPoolExecutor(1) as alone:  # the browser has this thread's event loop
        alone.submit(asyncio.run, _configure(store)).result()
    now = SystemClock().now()
    fill(store, SHARED, COUNT, now)
    try:
        yield server.begin(), now
    finally:
        server.close()


async def _configure(store: str) -> None:
    document, faults = read_document(CONFIGURATION)
    assert not faults
    async with open_engine(store) as engine:
        await engine.keeper.apply(document)


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/ui/live", 50),
        ("/ui/live?number=1-800-555-0190", 50),
        ("/ui/live?number=1-800-555-0100", 0),
        (f"/ui/live?phone=%2B{phone_of(77)[1:]}", 10),
        ("/ui/live?phone=%2B4930123456", 0),
        ("/ui/live?service=call-me-back", 50),
        ("/ui/live?service=another", 0),
        ("/ui/live?state=expired", 0),
        ("/ui/live?id={first}", 1),
        ("/ui/live?before={first}", 0),
        ("/ui/live/sessions/{first}", 0),
        ("/ui/calls", 0),
        ("/ui/calls/explain", 0),
        ("/ui/services", 0),
        ("/ui/services/of/request-interaction", 0),
        ("/ui/simulator", 0),
        ("/ui/resources", 2),
        ("/ui/resources/of/SHARED", 1),
        ("/ui/resources/plan", 0),
        ("/ui/audit", 0),
        ("/ui/nodes", 0),
    ],
)
def test_a_page_answers(many: Many, path: str, rows: int) -> None:
    server, now = many
    began = time.perf_counter()
    answer = server.client.get(path.format(first=session_id(0, now, COUNT)))
    print(f"{path}: {(time.perf_counter() - began) * 1000:.0f} ms")
    assert answer.status_code == 200
    assert answer.text.count("<tr data-key=") == rows


def test_all_are_counted(many: Many) -> None:
    server, _ = many
    assert "<strong>100,000</strong> live" in server.client.get("/ui/live").text


def test_a_call_to_the_number_that_all_share_is_explained(many: Many) -> None:
    server, _ = many
    token = TOKEN.search(server.client.get("/ui/calls/explain").text)
    assert token
    asked = {"token": token[1], "number": SHARED, "service": "match-interaction"}
    began = time.perf_counter()
    answer = server.client.post("/ui/calls/explain", data=asked)
    print(f"explained: {(time.perf_counter() - began) * 1000:.0f} ms")
    assert "code-needed" in answer.text
