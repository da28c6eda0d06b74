"""The TypeScript client as its users have it: built into a package, used by a program that is type-checked."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "sdk" / "typescript"
COMPILER = ROOT / "node_modules" / "typescript" / "bin" / "tsc"

LIMIT_SECONDS = 120  # of the compiler and of a program, which take a few on a busy machine

STRICT = {
    "target": "es2022",
    "module": "nodenext",
    "strict": "true",
    "skipLibCheck": "true",
    "noUncheckedIndexedAccess": "true",
    "types": "node",
    "typeRoots": str(ROOT / "node_modules" / "@types"),
}


def run(*command: str, folder: Path) -> str:
    """What a program says that must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def install(folder: Path) -> None:
    """The built package and the element's, where programs in this folder find them."""
    package = folder / "node_modules" / "matchline-client"
    package.mkdir(parents=True)
    (package / "package.json").write_text((SOURCE / "package.json").read_text())
    run("node", str(COMPILER), "--project", str(SOURCE), "--outDir", str(package / "dist"), folder=folder)
    (folder / "node_modules" / "matchline-call-me").symlink_to(ROOT / "src" / "matchline" / "sdk")
    (folder / "package.json").write_text('{"type": "module"}')


def build(programs: Mapping[str, str], folder: Path) -> None:
    """Programs by name, as JavaScript in the folder. Raises AssertionError with what their types lack."""
    for name, text in programs.items():
        (folder / f"{name}.ts").write_text(text)
    options = [text for name, value in STRICT.items() for text in (f"--{name}", value)]
    run("node", str(COMPILER), *options, *(f"{name}.ts" for name in programs), folder=folder)
