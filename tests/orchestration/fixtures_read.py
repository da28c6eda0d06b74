"""The statements of the public documents in `fixtures/`."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("fixtures")
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def fixture(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())
