"""matchline store backup and restore: a moment of a loaded server, put in force somewhere else."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from .command import Server, refused, run, succeeded

NUMBERS = [f"+1800555{n}" for n in range(1000, 3000)]

CONFIGURATION = f"""
[resources.MANY]
_booking_expiration_timeout = 1800
numbers = {NUMBERS!r}

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"
_resource_group = "MANY"

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
_return_user_data = true
"""

WARM = 30  # reservations that each worker makes before the backup begins
WORKERS = 4


def reserve_and_match(server: Server, worker: int, warm: Event, stop: Event) -> list[Any]:
    """Reserve until told to stop, match every third; the sessions that were left waiting, as acknowledged."""
    waiting = []
    with httpx.Client(base_url=server.client.base_url, trust_env=False) as client:
        turn = 0
        while not stop.is_set() and turn < len(NUMBERS) // WORKERS:
            answer = client.post(
                "/genesys/1/service/request-interaction", data={"who": f"{worker}/{turn}"}
            ).json()
            if turn % 3 == 0:
                number = {"_access_number": answer["_access_number"]}
                assert client.post("/genesys/1/service/match-interaction", data=number).is_success
            else:
                waiting.append({**answer, "who": f"{worker}/{turn}"})
            turn += 1
            if turn == WARM:
                warm.set()
    return waiting


def integrity(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("pragma integrity_check").fetchone()[0])


def numbers_held_twice(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        held = connection.execute("select number_id from reservation where outcome is null").fetchall()
    return sum(count > 1 for count in Counter(held).values())


def test_a_backup_of_a_loaded_server_is_one_moment_of_it_and_is_restored_elsewhere(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server.config.write_text(CONFIGURATION)
    server.start()
    acknowledged = [server.reserve(who=f"first/{n}") | {"who": f"first/{n}"} for n in range(20)]
    elsewhere = Server(tmp_path_factory.mktemp("elsewhere"), configuration=None)
    file, stop = server.folder / "backup.db", Event()
    warm = [Event() for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        running = [pool.submit(reserve_and_match, server, n, warm[n], stop) for n in range(WORKERS)]
        try:
            assert all(event.wait(60) for event in warm)
            said = succeeded(run(server.folder, "store", "backup", str(file), "--store", server.store))
        finally:
            stop.set()
        waiting = [each.result() for each in running]
    assert all(len(each) > WARM for each in waiting), "they went on during the backup"
    acknowledged += [
        session for each in waiting for session in each if int(session["who"].split("/")[1]) < WARM
    ]
    server.kill()

    assert str(file) in said
    assert file.stat().st_mode & 0o077 == 0, "it holds customers' data"
    assert list(file.parent.glob(".backup*")) == []
    assert integrity(file) == "ok"
    assert numbers_held_twice(file) == 0
    restored = elsewhere.folder / "far" / "away.db"
    succeeded(run(elsewhere.folder, "store", "restore", str(file), "--store", f"sqlite:///{restored}"))
    elsewhere.start("--store", f"sqlite:///{restored}", "--port", "0")
    try:
        for session in acknowledged:
            found = elsewhere.ask("match-interaction", {"_access_number": session["_access_number"]})
            assert (found["_id"], found["user_data"]["who"]) == (session["_id"], session["who"])
    finally:
        elsewhere.close()


def test_a_killed_servers_store_is_backed_up_with_what_only_its_log_holds(server: Server) -> None:
    server.start()
    session = server.reserve(customer="Ada")
    server.kill()
    assert (server.folder / "matchline.db-wal").stat().st_size > 0
    file = server.folder / "backup.db"
    succeeded(run(server.folder, "store", "backup", str(file), "--store", server.store))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select id from session").fetchall() == [(session["_id"],)]
    assert not list(server.folder.glob("backup.db-*"))


def test_a_store_of_another_version_is_backed_up_but_not_put_in_force(server: Server) -> None:
    server.start().kill()
    of_another_schema(server.folder / "matchline.db")
    file = server.folder / "backup.db"
    succeeded(run(server.folder, "store", "backup", str(file), "--store", server.store))
    told = refused(run(server.folder, "store", "restore", str(file), "--store", "sqlite:///new.db"))
    assert "its schema is version 99" in told


def test_a_store_that_is_up_to_date_needs_no_migration(server: Server) -> None:
    server.start()
    migrate = ("store", "migrate", "--store", server.store)
    assert "another process is using this store" in refused(run(server.folder, *migrate))
    server.kill()
    for phase in ((), ("--post",)):
        assert "there is nothing to be done" in succeeded(run(server.folder, *migrate, *phase))
    assert "cannot migrate" in refused(run(server.folder, "store", "migrate", "--store", "sqlite:///none.db"))


def test_a_file_that_exists_is_replaced_only_by_force(running: Server) -> None:
    file = running.folder / "kept.db"
    file.write_text("precious")
    backup = ("store", "backup", str(file), "--store", running.store)
    assert f"{file} exists already" in refused(run(running.folder, *backup))
    assert file.read_text() == "precious"
    succeeded(run(running.folder, *backup, "--force"))
    assert integrity(file) == "ok"


def test_a_store_in_use_or_in_place_is_not_restored_over(running: Server) -> None:
    file = running.folder / "sound.db"
    succeeded(run(running.folder, "store", "backup", str(file), "--store", running.store))
    over = ("store", "restore", str(file), "--store")
    assert "matchline.db exists already" in refused(run(running.folder, *over, running.store))
    beside = running.folder / "beside.db"
    beside.with_name("beside.db-wal").write_text("the log of a store that is gone")
    assert "beside.db-wal exists already" in refused(run(running.folder, *over, f"sqlite:///{beside}"))


def test_a_store_that_another_process_has_is_not_restored(running: Server) -> None:
    file, moved = running.folder / "taken.db", running.folder / "moved"
    succeeded(run(running.folder, "store", "backup", str(file), "--store", running.store))
    moved.mkdir()
    (moved / "matchline.db.lock").hardlink_to(running.folder / "matchline.db.lock")
    told = refused(
        run(running.folder, "store", "restore", str(file), "--store", f"sqlite:///{moved}/matchline.db")
    )
    assert "another process is using this store" in told
    assert not (moved / "matchline.db").exists()


def damaged(file: Path) -> None:
    octets = bytearray(file.read_bytes())
    octets[len(octets) // 2 :] = bytes(len(octets) - len(octets) // 2)
    file.write_bytes(octets)


def of_another_schema(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("update meta set value = 99 where name = 'schema'")
        connection.commit()


def no_store(file: Path) -> None:
    file.write_text("not a database at all")


@pytest.mark.parametrize("spoil", [damaged, of_another_schema, no_store])
def test_what_is_no_sound_backup_is_not_restored(running: Server, tmp_path: Path, spoil: Any) -> None:
    file, target = tmp_path / "spoiled.db", tmp_path / "target.db"
    succeeded(run(tmp_path, "store", "backup", str(file), "--store", running.store))
    spoil(file)
    told = refused(run(tmp_path, "store", "restore", str(file), "--store", f"sqlite:///{target}"))
    assert told.startswith(f"matchline: cannot restore {file}: ")
    assert not target.exists()
    assert not list(tmp_path.glob(".target*"))


def test_what_cannot_be_backed_up_is_said_in_a_sentence(tmp_path: Path) -> None:
    def told(store: str, file: str = "b.db") -> str:
        return refused(run(tmp_path, "store", "backup", file, "--store", store))

    assert "cannot back nowhere.db up" in told("sqlite:///nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()
    assert "is no store in a file" in told("memory://")
    assert "pg_dump --format=custom --file=b.db postgresql://db/x" in told("postgresql://db/x")
    (tmp_path / "there.db").touch()
    assert "cannot back there.db up" in told("sqlite:///there.db")
    assert "No such file" in told("sqlite:///there.db", "no/such/folder.db")
    assert not list(tmp_path.glob(".*"))
