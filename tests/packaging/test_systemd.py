"""The systemd unit, as far as systemd can tell without running it."""

import shutil
from pathlib import Path

import pytest

from .conftest import ROOT, succeed

UNIT = (ROOT / "examples" / "systemd" / "matchline.service").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(installed: Path, tmp_path: Path) -> None:
    unit = tmp_path / "matchline.service"
    program = "/opt/matchline/bin/matchline"
    assert f"ExecStart={program} serve\n" in UNIT
    unit.write_text(UNIT.replace(program, str(installed / "matchline")))
    assert succeed(["systemd-analyze", "verify", unit], tmp_path) == ""


def test_the_store_is_in_the_only_folder_that_may_be_written() -> None:
    settings = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and line[0].isalpha())
    folder = f"/var/lib/{settings['StateDirectory']}"
    assert f"Environment=MATCHLINE_STORE=sqlite:///{folder}/matchline.db\n" in UNIT
    assert settings["ProtectSystem"] == "strict"
