"""matchline options and resources: the same against a running server and on a store that nobody serves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .command import Server, refused, run, succeeded

Command = Callable[..., str]


@pytest.fixture
def matchline(running: Server) -> Command:
    """A command about the running server's store that must succeed: what it says."""
    return lambda *arguments: ask(running, *arguments)


def ask(server: Server, group: str, *arguments: str) -> str:
    return succeeded(run(server.folder, group, "--store", server.store, *arguments))


def complaint(server: Server, group: str, *arguments: str) -> str:
    return refused(run(server.folder, group, "--store", server.store, *arguments))


def test_options_are_listed_set_read_and_removed(matchline: Command, running: Server) -> None:
    assert '[server]\ndefault_region = "US"' in matchline("options", "list")
    matchline("options", "set", "server", "max_ttl=600", "public_url=http://x/?a=b")
    assert matchline("options", "get", "server", "max_ttl") == "600\n"
    assert matchline("options", "get", "server", "public_url") == "http://x/?a=b\n"
    matchline("options", "unset", "server", "max_ttl", "public_url")
    assert "max_ttl" not in matchline("options", "get", "server")
    assert "max_ttl is not set" in complaint(running, "options", "get", "server", "max_ttl")


def test_a_section_is_made_and_removed(matchline: Command, running: Server) -> None:
    matchline("options", "set", "service.new", "_type=builtin", "_service=get")
    assert '_service = "get"' in matchline("options", "get", "service.new")
    assert "[service.new] is removed." in matchline("options", "unset", "service.new")
    assert '"service.new"' in complaint(running, "options", "get", "service.new")


def test_the_store_may_be_named_behind_the_command(running: Server) -> None:
    for target in (["--store", running.store], [f"--server={running.client.base_url}"]):
        said = succeeded(run(running.folder, "options", "get", "server", *target))
        assert 'default_region = "US"' in said


def test_a_bad_option_is_refused_with_a_sentence(running: Server) -> None:
    told = complaint(running, "options", "set", "server", "max_ttl=0")
    assert told.startswith("matchline: [server] max_ttl: must be 1 to")
    assert "resources.DNIS" in complaint(running, "options", "unset", "resources.DNIS")


def test_a_file_is_tried_and_applied(matchline: Command, running: Server, tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    file.write_text('[service.more]\n_type = "builtin"\n_service = "get"\n')
    tried = matchline("options", "apply", "--dry-run", str(file))
    assert '[service.more] _service: not set → "get"' in tried
    assert '"service.more"' in complaint(running, "options", "get", "service.more")
    assert "2 changes." in matchline("options", "apply", str(file))
    assert matchline("options", "apply", str(file)) == "Nothing differs.\n"
    file.write_text("[server]\nmax_ttl = 0\n")
    assert "line 2: [server] max_ttl" in complaint(running, "options", "apply", str(file))


def test_numbers_are_listed_added_refused_and_drained(matchline: Command, running: Server) -> None:
    assert "DNIS (CLUSTER): 2 numbers: 2 free" in matchline("resources", "list")
    added = matchline("resources", "add", "DNIS", "+1 800 555 0103", "800-555-0104")
    assert "4 numbers" in added
    assert "  800-555-0104\n" in matchline("resources", "show", "DNIS")
    matchline("options", "set", "resources.OTHER", "_allocation_strategy=RANDOM")
    assert "DNIS" in complaint(running, "resources", "add", "OTHER", "18005550103")
    matchline("resources", "remove", "DNIS", "+18005550103", "8005550104")
    assert "2 numbers" in matchline("resources", "show", "DNIS")
    assert "+18005550103" in complaint(running, "resources", "remove", "DNIS", "+18005550103")
    assert "NOWHERE" in complaint(running, "resources", "show", "NOWHERE")


def test_a_store_that_nobody_serves_is_changed_directly(server: Server) -> None:
    server.start().kill()
    ask(server, "options", "set", "resources.DNIS", "_booking_expiration_timeout=60")
    assert "3 numbers: 3 free" in ask(server, "resources", "add", "DNIS", "+1 800 555 0103")
    assert "max_ttl" in complaint(server, "options", "set", "server", "max_ttl=0")
    server.start()
    assert server.reserve()["_expiration_time"] == "60"
    assert len(server.client.get("/genesys/1/admin/resources/DNIS").json()["numbers"]) == 3


def test_what_cannot_be_reached_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert "there is no store" in refused(run(tmp_path, "options", "list"))
    told = refused(run(tmp_path, "options", "--server", "http://127.0.0.1:1", "list"))
    assert told.startswith("matchline: the server cannot be reached")


def test_a_proxy_of_the_environment_is_not_asked_for_the_server_on_this_machine(running: Server) -> None:
    nobody = {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "NO_PROXY": ""}
    listed = run(running.folder, "resources", "--store", running.store, "list", **nobody)
    assert "DNIS" in succeeded(listed)


def test_a_running_server_is_found_by_its_address_too(running: Server, tmp_path: Path) -> None:
    url = str(running.client.base_url)
    assert "DNIS" in succeeded(run(tmp_path, "resources", "list", MATCHLINE_SERVER=url))
    assert "DNIS" in succeeded(run(tmp_path, "resources", "--server", url, "list"))


def test_a_change_by_command_is_in_force_on_the_running_server_at_once(running: Server) -> None:
    for seconds in ("60", "90"):
        timeout = f"_booking_expiration_timeout={seconds}"
        succeeded(run(running.folder, "options", "--store", running.store, "set", "resources.DNIS", timeout))
        assert running.reserve()["_expiration_time"] == seconds
