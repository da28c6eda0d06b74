"""What docs/clients.md shows works as it stands there."""

import os
import subprocess
import sys
from pathlib import Path

from matchline.client import Client, callbacks
from matchline.testing import TestServer

from .documented import SERVER, example
from .typescript import run

LIMIT_SECONDS = 60  # of a program that takes a second


def test_the_python_example(server: TestServer, tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(example("Python", "python", server.url))
    assert run(sys.executable, "-W", "error", str(program), folder=tmp_path).splitlines() == [
        "Please call +1 800 555 0100 within 30 seconds.",
        "It is the call of {'customer': 'Ada'}.",
        "matched",
        "No session matches this call.",
    ]


def test_the_example_of_callbacks(server: TestServer, client: Client) -> None:
    names = {"client": client}
    exec(example("Python", "python", server.url, place=1), names)  # noqa: S102 - as it stands there
    assert [each.reason for each in client.ask(callbacks.find())] == ["CANCELLED"]


def test_the_typescript_example(server: TestServer, node_folder: Path) -> None:
    program = node_folder / "example.js"
    program.write_text(program.read_text().replace(SERVER, server.url))
    assert run("node", str(program), folder=node_folder).splitlines() == [
        "Please call +1 800 555 0100.",
        "Ada",
        "matched",
        "NoMatch",
        "[ 'DNIS', 'SHARED' ]",
    ]


def test_the_example_of_others_tests(tmp_path: Path) -> None:
    """In a project of its own, with this plugin and no other."""
    (tmp_path / "test_shop.py").write_text(example("Your tests", "python"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "matchline.testing.plugin"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
