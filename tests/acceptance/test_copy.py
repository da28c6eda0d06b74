"""matchline store copy: a served store moves to another place with what lives on it."""

import subprocess
import sys
from pathlib import Path

import pytest

from .command import LIMIT_SECONDS, Server, refused, run, succeeded


def test_a_store_moves_while_customers_hold_numbers(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved = tmp_path_factory.mktemp("moved")
    target = f"sqlite:///{moved}/new/store.db"
    command = ("store", "copy", server.store, target)
    server.start()
    session = server.reserve(customer="Ada")
    assert "another process is using this store" in refused(run(moved, *command))
    server.kill()

    said = succeeded(run(moved, *command))
    assert "         1 session\n" in said
    assert f"{target} holds what {server.store} holds." in said
    assert f"{target} is not empty" in refused(run(moved, *command))

    server.start("--store", target, "--port", "0")
    call = {"_access_number": session["_access_number"], "_return_user_data": "true"}
    found = server.ask("match-interaction", call)
    assert (found["_id"], found["user_data"]) == (session["_id"], {"customer": "Ada"})


def test_what_cannot_be_copied_is_said_in_a_sentence(tmp_path: Path) -> None:
    def told(source: str, target: str) -> str:
        return refused(run(tmp_path, "store", "copy", source, target))

    assert "there is no store at sqlite:///none.db" in told("sqlite:///none.db", "sqlite:///new.db")
    assert not (tmp_path / "none.db").exists()
    assert "belongs to one process" in told("memory://", "sqlite:///new.db")
    assert "unknown store URL" in told("mysql://x", "sqlite:///new.db")
    (tmp_path / "old.db").touch()
    told("sqlite:///old.db", "postgresql://127.0.0.1:1/none")


WITHOUT_DRIVER = "import sys; sys.modules['psycopg'] = None; from matchline.cli import main; main()"


@pytest.mark.parametrize(
    "arguments",
    [
        ("store", "copy", "sqlite:///old.db", "postgresql://db.example/x"),
        ("store", "migrate", "--store", "postgresql://db.example/x"),
        ("options", "--store", "postgresql://db.example/x", "list"),
    ],
)
def test_without_the_driver_of_postgresql_the_extra_is_named(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "old.db").touch()
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DRIVER, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert "pip install 'matchline[postgres]'" in refused(done)
