"""matchline keys, and what the commands may do where the server needs credentials."""

import stat
from collections.abc import Mapping
from pathlib import Path

import httpx

from .command import Server, refused, run, succeeded

STATUS = "/genesys/1/service/match-interaction"


def said(server: Server, *arguments: str, **variables: str) -> str:
    """What a command about this server's store says that must succeed."""
    group, *rest = arguments
    return succeeded(run(server.folder, group, "--store", server.store, *rest, **variables))


def bearer(secret: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {secret.strip()}"}


def asked(server: Server, secret: str) -> int:
    """The status of a match, asked with that key."""
    form = {"_access_number": "+1 800 555 0100"}
    return server.client.post(STATUS, data=form, headers=bearer(secret)).status_code


def test_a_key_is_made_used_listed_and_revoked(server: Server) -> None:
    server.start()
    made = run(server.folder, "keys", "--store", server.store, "create", "the IVR", "--scope", "ivr")
    secret = succeeded(made)
    assert secret.startswith("mlk_")
    assert "the IVR" in made.stderr
    assert asked(server, secret) == 404
    assert server.client.post(STATUS).status_code == 401
    listed = said(server, "keys", "list")
    assert secret.strip() not in listed
    assert "ivr  last used" in listed
    key_id = listed.split()[0]
    assert said(server, "keys", "revoke", key_id) == f"{key_id} is revoked.\n"
    assert asked(server, secret) == 404, "without any credentials the server is open again"
    assert "no API key" in refused(run(server.folder, "keys", "--store", server.store, "revoke", key_id))


def test_whoever_may_read_the_store_s_files_administers_it(server: Server) -> None:
    server.start()
    said(server, "options", "set", "server", "password=of the server")
    assert server.client.get("/genesys/1/admin/options").status_code == 401
    shown = said(server, "options", "get", "server")
    assert "password" not in shown
    lock = Path(server.folder / "matchline.db.lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    server.kill()
    said(server, "options", "set", "server", "password=another")
    server.start()
    credentials = httpx.BasicAuth("anyone", "another")
    assert server.client.get("/genesys/1/admin/options", auth=credentials).status_code == 200


def test_from_elsewhere_the_commands_need_a_key(server: Server) -> None:
    server.start()
    secret = said(server, "keys", "create", "operator", "--scope", "admin").strip()
    target = ("--server", str(server.client.base_url))
    told = refused(run(server.folder, "options", *target, "list"))
    assert told == "matchline: Valid credentials are needed for this.\n"
    for given in ({"MATCHLINE_KEY": secret}, {}):
        arguments = () if given else ("--key", secret)
        assert "[server]" in succeeded(run(server.folder, "options", *target, *arguments, "list", **given))
    app = said(server, "keys", "create", "app", "--scope", "app", "--group", "DNIS").strip()
    assert "not for this operation" in refused(run(server.folder, "options", *target, "--key", app, "list"))


def test_a_password_of_the_configuration_file_is_stored_as_a_hash(server: Server) -> None:
    text = server.config.read_text().replace("[server]", '[server]\npassword = "a plain secret"')
    server.config.write_text(text)
    server.start()
    server.kill()
    files = [server.folder / f"matchline.db{suffix}" for suffix in ("", "-wal")]
    kept = b"".join(file.read_bytes() for file in files if file.exists())
    assert b"scrypt:" in kept
    assert b"a plain secret" not in kept
    server.start()
    assert "differs" not in server.output, "the file names the password in force"
    assert "a plain secret" not in server.output
