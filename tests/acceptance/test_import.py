"""matchline import gms: an options export becomes a file to serve, or is applied to a server."""

from pathlib import Path

import httpx

from .command import Server, refused, run, succeeded

EXPORT = Path(__file__).parents[1] / "gms" / "export.ini"
LOGIN = ("default", "secret")  # of its server section

# The passwords of the export, which count here too: the server's, and a service's own.
ADMINISTRATOR = httpx.BasicAuth("default", "secret")
CALL_ME = httpx.BasicAuth("default", "hidden")


def test_the_printed_configuration_is_served(server: Server) -> None:
    done = run(server.folder, "import", "gms", str(EXPORT), "--region", "US")
    server.config.write_text(succeeded(done))
    assert f"{EXPORT}:7: [log]: 3 options not configured" in done.stderr
    assert "is in order: 8 sections, 5 numbers" in succeeded(
        run(server.folder, "check", "--config", str(server.config))
    )
    server.start()
    server.client.auth = CALL_ME
    session = server.ask("call-me", {"customer": "Ada"})
    assert session["_access_number"] in ("+1 800 555 0190", "+1 800 555 0191")
    call = {name: session[name] for name in ("_access_number", "_access_code")}
    server.client.auth = ADMINISTRATOR
    found = server.ask("match-interaction", {**call, "_return_user_data": "true"})
    assert found["user_data"] == {"customer": "Ada", "department": "sales; west"}


def test_it_is_applied_to_a_running_server(server: Server) -> None:
    server.start("--store", server.store, "--port", "0")
    applied = ("import", "gms", str(EXPORT), "--region", "US", "--apply", "--store", server.store)
    assert '[service.call-me] department: not set → "sales; west"' in succeeded(run(server.folder, *applied))
    server.client.auth = ADMINISTRATOR
    server.client.auth = LOGIN
    assert server.options("service.call-me")["department"] == "sales; west"
    assert succeeded(run(server.folder, *applied)) == "Nothing differs.\n"


def test_what_cannot_be_taken_over_is_said_in_a_sentence(tmp_path: Path) -> None:
    assert "there is no store" in refused(run(tmp_path, "import", "gms", str(EXPORT), "--apply"))
    done = run(tmp_path, "import", "gms", str(EXPORT), "--region", "Narnia")
    assert (done.returncode, "ISO 3166" in done.stderr) == (2, True)
