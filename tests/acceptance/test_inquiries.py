"""Commands about calls and people, beside a server and without one."""

import json

from .command import Server, run, succeeded

ANNA = "+14155550123"


def test_a_call_that_did_not_match_is_explained(running: Server) -> None:
    session = running.reserve(_phone_number=ANNA)
    asked = {"_access_number": session["_access_number"], "_phone_number": "+14155550199"}
    running.client.post("/genesys/1/service/match-interaction", data=asked)
    number = session["_access_number"]
    target = ("--server", str(running.client.base_url))
    told = succeeded(run(running.folder, "explain", *target, "--number", number, "--phone", "+14155550199"))
    assert told.startswith("no-match (other-phone)\n")
    assert f"session {session['_id']}, made for …23: held since" in told
    assert "phone: contradicted (the caller's number is another)" in told
    assert f"{number} asked by …99: no-match (other-phone) through match-interaction" in told
    calls = json.loads(succeeded(run(running.folder, "calls", *target, "--caller", "…99", "--json")))
    assert [entry["reason"] for entry in calls["calls"]] == ["other-phone"]
    right = ("explain", *target, "--number", number, "--phone", ANNA, "--json")
    assert json.loads(succeeded(run(running.folder, *right)))["verdict"] == "matched"


def test_a_person_is_forgotten_without_a_server(server: Server) -> None:
    server.start().reserve(_phone_number=ANNA)
    server.kill()
    forget = ("forget", "--store", server.store, "--phone", "(415) 555-0123")
    told = "sessions: 1\nreservations: 1\nrecords: 1\n"
    assert succeeded(run(server.folder, *forget, "--dry-run")) == f"{told}Would be removed.\n"
    assert succeeded(run(server.folder, *forget)) == f"{told}Removed.\n"
    assert succeeded(run(server.folder, *forget)) == "Nothing is known.\n"
