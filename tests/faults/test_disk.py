"""A store that cannot be written: 503 and a line in the log, nothing harmed, and all well by itself afterwards."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import COMMAND, LIMIT_SECONDS, POLL_SECONDS, Server, refused, run

from .crowd import CONFIGURATION
from .database import check_file
from .hindrances import ALL, Hindrance
from .ledger import MATCHED, WAITING

# Where everything is asked for, a hindrance that is not possible fails instead of being left out.
REQUIRED = os.environ.get("CI") == "true" or os.environ.get("MATCHLINE_REQUIRE_ALL") == "1"
HINDRANCES = [each for each in ALL if REQUIRED or each.possible()]

BEFORE = 20  # sessions
FILLING = 1000  # requests at the most until the disk's last blocks are used up
STATUS = "/genesys/1/admin/node/status"


def reserve(server: Server, mark: str) -> httpx.Response:
    form = {"mark": mark, "twin": mark, "_resource_group": "OWN"}
    path = "/genesys/1/service/request-interaction"
    return server.client.post(path, data=form, headers={"Idempotency-Key": mark})


def match(server: Server, number: str) -> httpx.Response:
    form = {"_access_number": number, "_call_id": f"call to {number}"}
    return server.client.post("/genesys/1/service/match-interaction", data=form)


def write(server: Server, mark: str) -> httpx.Response:
    path = "/genesys/1/storage/custom/note/600"
    return server.client.post(path, data={"left": mark, "right": mark}, headers={"gms_user": "tester"})


def wait_until(server: Server, path: str, text: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while (said := server.client.get(path).text) != text:
        assert time.monotonic() < deadline, f"{path}: {said}"
        time.sleep(POLL_SECONDS)


@pytest.fixture(params=HINDRANCES, ids=lambda each: each.__name__)
def hindrance(request: pytest.FixtureRequest, tmp_path: Path) -> Hindrance:
    kind: type[Hindrance] = request.param
    assert kind.possible(), f"this process may not do what {kind.__name__} needs: {kind.__doc__}"
    disk = tmp_path / "disk"
    disk.mkdir()
    return kind(disk)


@pytest.fixture
def server(hindrance: Hindrance, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, CONFIGURATION, hindrance.program)
    server.store = f"sqlite:///{hindrance.disk / 'matchline.db'}"
    yield server.start()
    server.close()


def test_a_store_that_cannot_be_written_is_503_and_recovers_by_itself(
    server: Server, hindrance: Hindrance, tmp_path: Path
) -> None:
    numbers = [reserve(server, f"m-{n}").json()["_access_number"] for n in range(BEFORE)]
    with contextmanager(hindrance.hinder)(server):
        fill_the_rest(server)
        check_refused(reserve(server, "late"))
        check_refused(match(server, numbers[0]))
        assert server.client.get("/healthz").text == "ok"
        wait_until(server, STATUS, "OFFLINE")
        assert "the store does not answer" in server.output
        assert "Traceback" not in server.output
        assert server.client.get("/genesys/1/admin/resources/OWN").json()["reserved"] == str(BEFORE)

    wait_until(server, "/readyz", "ok")
    wait_until(server, STATUS, "ONLINE")
    assert match(server, numbers[0]).status_code == 200
    assert reserve(server, "late").status_code == 200
    check_copy(hindrance.seen_from_outside(server), tmp_path / "copy")


def fill_the_rest(server: Server) -> None:
    """What the disk still has room for is written as ever; the smallest change of all is made by `readyz`."""
    for turn in range(FILLING):
        write(server, f"note {turn}")
        if server.client.get("/readyz").status_code == 503:
            return
    raise AssertionError("readyz never fails")


def check_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["exception"] == "StoreUnavailable"
    assert int(answer.headers["retry-after"]) >= 1


def check_copy(folder: Path, copy: Path) -> None:
    """The server is idle: its files may be copied."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    found = check_file(copy / "matchline.db")
    states = {thing: seen.state for thing, seen in found.items() if thing.startswith("session")}
    expected = {f"session m-{n}": WAITING for n in range(1, BEFORE)}
    assert states == {**expected, "session m-0": MATCHED, "session late": WAITING}
    with closing(sqlite3.connect(copy / "matchline.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_read_only_file_is_refused_at_the_start_and_taken_when_it_may_be_written(tmp_path: Path) -> None:
    bound_by_modes = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
    server = Server(tmp_path, CONFIGURATION, (*bound_by_modes, COMMAND))
    try:
        server.start()
        number = reserve(server, "m-0").json()["_access_number"]
        server.kill()
        file = tmp_path / "matchline.db"
        file.chmod(0o444)
        complaint = refused(
            run(tmp_path, "serve", "--store", server.store, "--port", "0", program=server.program)
        )
        assert f"cannot open {file}" in complaint
        assert "Permission denied" in complaint

        file.chmod(0o644)
        server.start()
        assert match(server, number).status_code == 200
        assert check_file(file)["session m-0"].state == MATCHED
    finally:
        server.close()
