"""The command `matchline call`: the platform's side, against a served store."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from matchline.cli.call import FLAGGED, QUEUED, command
from tests.acceptance.command import Server, refused, run
from tests.http.api import SHARED

from .site import EXTENSION, PLATFORMS, SECRET

NUMBER, CALLER = "+18005550100", "+14155550123"


def place(server: Server, *arguments: str) -> tuple[int, str]:
    """Exit status and what was told."""
    url = str(server.client.base_url)
    done = CliRunner().invoke(command, ["--url", url, "--secret", SECRET, *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_call_is_handed_over_after_a_wrong_code(server: Server, platform: str) -> None:
    session = server.ask("request-interaction", {"_resource_group": "SHARED", "_provide_code": "true"})
    code = session["_access_code"]
    wrong = "".join(str(9 - int(digit)) for digit in code)
    status, told = place(
        server,
        "--to",
        SHARED,
        "--from",
        CALLER,
        "--digits",
        wrong,
        "--digits",
        code,
        "--adapter",
        platform,
    )
    assert f"session {session['_id']}" in told, told
    assert told.count("asked for 6 digits") == 2, told
    assert status == 0


def test_an_ivr_that_asks_itself_sends_the_code(server: Server) -> None:
    session = server.ask("request-interaction", {"_resource_group": "SHARED", "_provide_code": "true"})
    status, told = place(server, "--to", SHARED, "--digits", session["_access_code"])
    assert f"handed over to the agents, session {session['_id']}" in told
    assert status == 0


@pytest.mark.parametrize("platform", ["", *PLATFORMS])
def test_a_call_that_nobody_waits_for_ends_in_the_queue(server: Server, platform: str) -> None:
    adapter = ["--adapter", platform] if platform else []
    status, told = place(server, "--to", "+18005550111", *adapter)
    assert "no-match" in told
    assert status == QUEUED != FLAGGED


@pytest.fixture(scope="module", name="fast_agi")
def _fast_agi(server: Server) -> str:
    """Where the served store's line to Asterisk listens."""
    return "agi://127.0.0.1:" + server.wait_for(r"the line asterisk: FastAGI at 127\.0\.0\.1 port (\d+)")


def test_asterisk_hands_over_after_a_wrong_code(server: Server, fast_agi: str) -> None:
    session = server.ask("request-interaction", {"_resource_group": "SHARED", "_provide_code": "true"})
    digits = ["--digits", "12#", "--digits", session["_access_code"]]
    arguments = ["--adapter", "asterisk", "--url", fast_agi, "--to", SHARED, "--from", CALLER, *digits]
    status, told = place(server, *arguments)
    assert told.count("asked for 6 digits") == 2, told
    assert f"handed over to the agents, session {session['_id']}" in told
    assert status == 0


def test_asterisk_sends_a_call_that_nobody_waits_for_to_the_queue(server: Server, fast_agi: str) -> None:
    status, told = place(server, "--adapter", "asterisk-agi", "--url", fast_agi, "--to", "+18005550111")
    assert "sent to the ordinary queue, no-match" in told
    assert status == QUEUED


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "agi://127.0.0.1:1", "agi://127.0.0.1:99999", "agi://[x]:1"]
)
def test_asterisk_that_finds_no_server_is_told_so(server: Server, url: str) -> None:
    done = CliRunner().invoke(command, ["--adapter", "asterisk", "--url", url, "--to", NUMBER])
    assert isinstance(done.exception, ValueError)


def test_where_a_call_went_is_told(server: Server) -> None:
    session = server.reserve(_phone_number=CALLER)
    _, told = place(server, "--to", session["_access_number"], "--from", CALLER, "--adapter", "freeswitch")
    assert f"handed over to {EXTENSION}, session {session['_id']}" in told


def test_what_keeps_a_call_from_being_placed_is_a_sentence(server: Server, tmp_path: Path) -> None:
    url = str(server.client.base_url)
    unsigned = run(tmp_path, "call", "--url", url, "--to", NUMBER, "--adapter", "jambonz")
    assert "NotGenuine" in refused(unsigned)
    with pytest.raises(ValueError, match="no phone for this platform"):
        CliRunner().invoke(command, ["--to", NUMBER, "--adapter", "pigeon"], catch_exceptions=False)
    with pytest.raises(ValueError, match="cannot be reached"):
        CliRunner().invoke(command, ["--to", NUMBER, "--url", "http://127.0.0.1:9"], catch_exceptions=False)


def test_a_call_that_was_sent_on_because_something_failed_ends_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = json.dumps({"outcome": "queue", "reason": "unavailable", "flagged": "true"})
    monkeypatch.setattr(httpx.Client, "post", lambda *_, **__: httpx.Response(200, text=failed))
    status, told = place(server, "--to", NUMBER, "--adapter", "json")
    assert "sent to queue, unavailable" in told
    assert status == FLAGGED
