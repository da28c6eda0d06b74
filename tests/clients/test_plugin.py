"""The plugin of pytest and the server behind it."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import httpx
import pytest

from matchline.testing import TestServer

from .settings import CALLER, CONFIGURATION

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_plugin_is_declared_where_pytest_looks() -> None:
    declared = tomllib.loads(PROJECT.read_text())["project"]["entry-points"]["pytest11"]
    assert hasattr(import_module(declared["matchline"]), "matchline_server")


def test_neither_the_package_nor_the_plugin_costs_who_does_not_use_it() -> None:
    """Loaded in every run of pytest where Matchline is installed, the plugin loads nothing of the server."""
    asked = (
        "import sys, matchline\n"
        "assert 'pytest' not in sys.modules\n"
        "import matchline.testing.plugin\n"
        "assert not {'httpx', 'starlette', 'matchline.wiring'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_time_stands_still_until_it_is_moved() -> None:
    with TestServer(CONFIGURATION) as server:
        session = httpx.post(
            f"{server.url}/genesys/1/service/request-interaction", data={"_ttl": "60"}
        ).json()
        address = f"{server.url}/genesys/1/service/{session['_id']}"
        assert httpx.get(address).json()["_expiration_time"] == "30"
        server.advance(29)
        assert httpx.get(address).json()["_expiration_time"] == "1"
        server.advance(31)
        assert httpx.get(address).status_code == 404


def test_a_call_is_told_as_it_is_answered() -> None:
    with TestServer(CONFIGURATION) as server:
        url = f"{server.url}/genesys/1/service/request-interaction"
        shared = {"_resource_group": "SHARED", "_provide_code": "true", "customer": "Ada"}
        session = httpx.post(url, data=shared).json()
        number, code = session["_access_number"], session["_access_code"]
        asked = server.call(number, CALLER)
        assert (asked.verdict, asked.digits, asked.matched) == ("code-needed", 6, False)
        call = server.call(number, CALLER, code)
        assert (call.verdict, call.session, call.data) == ("matched", session["_id"], {"customer": "Ada"})
        assert server.call(number, CALLER, code).verdict == "none"
        for _ in range(2):
            httpx.post(url, data={"_resource_group": "SHARED", "_phone_number": CALLER})
        assert server.call(number, CALLER).verdict == "ambiguous"
        server.configure("service.match-interaction", _type=None, _service=None)
        with pytest.raises(httpx.HTTPStatusError):
            server.call(number)


def test_a_configuration_that_is_wrong_is_said_to_be() -> None:
    with pytest.raises(ValueError, match="line 1"):
        TestServer("[resources.DNIS\n")


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no such luck")

    server = TestServer(CONFIGURATION)
    monkeypatch.setattr("socket.create_server", fail)
    with pytest.raises(OSError, match="no such luck"):
        server.start()
