"""The Containerfile cannot be built here: what it copies exists, and what it runs works in a fresh environment."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.telephony.process import Process

from .conftest import ROOT, succeed

LINES = (ROOT / "Containerfile").read_text().splitlines()


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def executed(name: str) -> list[str]:
    """The command of an instruction in its JSON form."""
    (instruction,) = instructions(name)
    words = json.loads(instruction[instruction.index("[") :])
    assert all(isinstance(word, str) for word in words)
    return [str(word) for word in words]


def environment() -> dict[str, str]:
    (settings,) = instructions("ENV")
    return dict(setting.split("=", 1) for setting in shlex.split(settings))


def copied() -> list[str]:
    """What is copied from the repository."""
    copies = [shlex.split(copy) for copy in instructions("COPY")]
    return [source for *sources, _ in copies if not sources[0].startswith("--from") for source in sources]


@pytest.mark.parametrize("source", copied())
def test_what_it_copies_exists(source: str) -> None:
    assert (ROOT / source).exists()


def test_what_the_project_names_for_its_build_is_copied() -> None:
    assert {"pyproject.toml", "README.md", "LICENSE", "src", "requirements/run.lock"} <= set(copied())


def test_its_paths_agree(installed: Path) -> None:
    target = environment()["PATH"].partition(":")[0]
    assert instructions("RUN")[0] == f"python -m venv {Path(target).parent}"
    assert any(
        copy.startswith("--from=build") and copy.endswith(str(Path(target).parent))
        for copy in instructions("COPY")
    )
    assert (installed / executed("ENTRYPOINT")[0]).exists()
    (home,) = instructions("VOLUME")
    assert environment()["MATCHLINE_STORE"] == f"sqlite:///{home}/matchline.db"
    assert instructions("WORKDIR")[-1] == home


def test_it_runs_as_an_ordinary_user() -> None:
    (user,) = instructions("USER")
    assert int(user) > 0
    assert LINES.index(f"USER {user}") < LINES.index("ENTRYPOINT " + json.dumps(executed("ENTRYPOINT")))
    assert any(f"--uid {user}" in run for run in instructions("RUN"))


@pytest.mark.parametrize("run", [run for run in instructions("RUN") if "pip install" in run])
def test_pip_knows_the_options_of_its_installs(run: str, installed: Path) -> None:
    _, *arguments = shlex.split(run)
    known = succeed([installed / "python", "-m", "pip", "install", "--help"], ROOT)
    for option in arguments:
        assert not option.startswith("--") or option in known


def test_the_start_and_the_health_command_work(installed: Path, tmp_path: Path) -> None:
    start = [*executed("ENTRYPOINT"), *executed("CMD")]
    server = Process(
        [
            str(installed / start[0]),
            *start[1:],
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--store",
            f"sqlite:///{tmp_path}/m.db",
        ],
        tmp_path / "log",
    )
    health = executed("HEALTHCHECK")
    command = [str(installed / health[0]), *health[1:]]
    try:
        port = server.wait_for(r"ready at http://127\.0\.0\.1:(\d+)")
        asked = {**os.environ, "MATCHLINE_PORT": port, "no_proxy": "*"}
        assert subprocess.run(command, env=asked, timeout=30, check=False).returncode == 0
    finally:
        server.stop()
    failed = subprocess.run(command, env=asked, timeout=30, check=False, capture_output=True)
    assert failed.returncode != 0
    assert re.search(rb"refused", failed.stderr)
