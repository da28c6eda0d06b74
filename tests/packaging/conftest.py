"""The wheel, installed where nothing of the repository is."""

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.acceptance.command import LIMIT_SECONDS

ROOT = Path(__file__).parents[2]


def succeed(command: Sequence[str | Path], folder: Path) -> str:
    """What a command said that must have succeeded."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the locked backend, the way pip does it without isolation."""
    target = tmp_path_factory.mktemp("wheel")
    build = f"from flit_core.buildapi import build_wheel; build_wheel({str(target)!r})"
    succeed([sys.executable, "-c", build], ROOT)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel.

    What it depends on comes from this environment, by a path: the lock files brought it here with their hashes.
    """
    folder = tmp_path_factory.mktemp("fresh") / "matchline"
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / "bin"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        programs / "python",
    ]
    succeed([*pip, "install", "-q", "--no-deps", "--no-index", wheel], folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    ours = Path(pytest.__file__).parents[1]
    (packages / "dependencies.pth").write_text(f"{ours}\n")  # a path's own .pth files are not followed
    return programs
