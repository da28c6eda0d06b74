"""The wheel runs without the repository."""

import zipfile
from pathlib import Path

import httpx

from tests.telephony.process import Process

from .conftest import ROOT, succeed


def test_everything_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    ours = {
        str(path.relative_to(source))
        for path in (source / "matchline").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"matchline/sample.toml", "matchline/store/sql/schema.sql"} <= ours
    assert ours <= shipped
    assert not {name for name in shipped - ours if ".dist-info/" not in name}


def test_the_program_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    where = succeed([installed / "python", "-c", "import matchline; print(matchline.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_sample_is_checked_the_demo_plays_and_the_server_serves(installed: Path, tmp_path: Path) -> None:
    matchline = str(installed / "matchline")
    sample = "import matchline.wiring, importlib.resources as r; print(r.files('matchline').joinpath('sample.toml'))"
    file = succeed([installed / "python", "-c", sample], tmp_path).strip()
    assert "is in order" in succeed([matchline, "check", "--config", file], tmp_path)
    assert "That is all there is to it" in succeed([matchline, "demo"], tmp_path)
    store = f"sqlite:///{tmp_path}/served.db"
    server = Process([matchline, "serve", "--port", "0", "--store", store], tmp_path / "log")
    try:
        url = server.wait_for(r"ready at (http://127\.0\.0\.1:\d+)")
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert client.get("/readyz").text == "ok"
            assert client.get("/docs").is_success
            session = client.post("/genesys/1/service/request-interaction").json()
            call = {"_access_number": session["_access_number"]}
            assert (
                client.post("/genesys/1/service/match-interaction", data=call).json()["_id"] == session["_id"]
            )
            chart = {"_type": "ors", "_service": "example:call-me.scxml"}
            client.patch("/genesys/1/admin/options/service.call-me", json=chart).raise_for_status()
            assert client.post("/genesys/1/service/call-me").json()["number"]
    finally:
        server.stop()
