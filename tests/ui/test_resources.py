"""The resource groups' room: made, filled, watched, drained and deleted, with the API as the witness."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from matchline.clock import SystemClock
from matchline.kept.history import MINUTE, PoolSample, minute_of
from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab, Serve, served
from .past import busy_hours, falling, write
from .setting import (
    SUPERVISOR,
    SUPERVISOR_PASSWORD,
    log_in,
    url,
)

ADMIN = "/genesys/1/admin"
PHONE = {"width": 390, "height": 844}
HOSTILE = (
    "<script>window.hurt = 1<|script>",
    '"><img src=x onerror="window.hurt = 1">',
    "{{ 7 * 7 }}<|td><|table><svg onload=window.hurt=1>",
    "=cmd|'calc'!A1",
)


@pytest.fixture(scope="module", name="pools")
def _pools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that have groups of their own."""
    with served(tmp_path_factory) as start:
        yield start()


def made(server: Server, name: str, *numbers: str, **options: str) -> str:
    """A group; where its page is."""
    wanted = {"_allocation_strategy": "CLUSTER", **options}
    section = quote(f"resources.{name}", safe="")
    server.client.patch(f"{ADMIN}/options/{section}", json=wanted).raise_for_status()
    added = server.client.post(f"{ADMIN}/resources/{quote(name, safe='')}/numbers", json={"numbers": numbers})
    assert added.status_code == 200, added.text
    return url(server, f"/ui/resources/of/{quote(name, safe='')}")


def numbers_of(server: Server, name: str) -> dict[str, bool]:
    """Number → whether it drains."""
    group: Any = server.client.get(f"{ADMIN}/resources/{quote(name, safe='')}").json()
    return {each["number"]: each["draining"] == "true" for each in group["numbers"]}


def unfold(page: Page) -> None:
    if not page.get_by_label("Paste them").is_visible():
        page.locator("#numbers summary").click()


def paste(page: Page, text: str) -> None:
    unfold(page)
    page.get_by_label("Paste them").fill(text)
    page.get_by_role("button", name="Look at them").click()


def stat(page: Page, name: str) -> Locator:
    return page.locator(".stats > div").filter(has_text=name).locator("dd")


def judged(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=text, exact=True))


def test_groups_are_listed_and_followed(pools: Server, page: Page) -> None:
    made(pools, "watched", "+1 800 555 0200", "+1 800 555 0201", _cooldown="0")
    page.goto(url(pools, "/ui/resources"))
    expect(page.locator("#live-state")).to_have_text("live")
    row = page.locator("tr[data-key='watched']")
    expect(row).to_contain_text("2 free · 0 held · 0 cooling")
    session = pools.reserve(_resource_group="watched")
    expect(row).to_contain_text("1 free · 1 held · 0 cooling")
    pools.client.delete(f"/genesys/1/service/{session['_id']}")
    expect(row).to_contain_text("2 free")
    expect(page.locator("tr[data-key='SHARED']")).to_contain_text("ROUND_ROBIN")


def test_a_group_is_made_and_filled_and_serves_at_once(
    pools: Server, page: Page, complaints: Complaints
) -> None:
    complaints.expect("400")
    page.goto(url(pools, "/ui/resources"))
    page.get_by_role("link", name="New group").click()
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#name-fault")).to_contain_text("must not be empty")
    page.get_by_label("Name", exact=True).fill("DNIS")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#name-fault")).to_contain_text("already")
    page.get_by_label("Name", exact=True).fill("fresh")
    page.locator("#option-_cooldown").fill("10")
    page.locator("#option-_late_grace").fill("20")
    page.locator("#option-_default_region").fill("Mars")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#option-_late_grace-fault")).to_contain_text("must not be longer than _cooldown")
    expect(page.locator("#option-_default_region-fault")).to_be_visible()
    page.locator("#option-_late_grace").fill("5")
    page.locator("#option-_default_region").fill("DE")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("fresh")
    paste(page, "030 901820\n+49 30 901821")
    page.get_by_role("button", name="Add these 2 numbers").click()
    expect(page.get_by_role("status").first).to_contain_text("2 numbers are handed out")
    assert pools.reserve(_resource_group="fresh")["_access_number"] == "030 901820"
    trail = pools.client.get(f"{ADMIN}/audit").text
    assert "everyone, administrator" in trail
    assert "030 901820" in trail


def test_a_group_of_defaults_alone_is_one(pools: Server, page: Page) -> None:
    page.goto(url(pools, "/ui/resources/new"))
    page.get_by_label("Name", exact=True).fill("plain")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("plain")
    page.locator("#option-_allocation_strategy").select_option("RANDOM")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".lead")).to_contain_text("serves many sessions at once")
    page.locator("#option-_allocation_strategy").select_option("CLUSTER")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".lead")).to_contain_text("belongs to one session at a time")


def test_pasted_numbers_are_judged_before_anything_is_changed(pools: Server, page: Page) -> None:
    address = made(pools, "judged", "+1 800 555 0210", _default_region="US")
    page.goto(address)
    paste(
        page,
        "tel:+1-800-555-0211\n(800) 555 0212; 800.555.0213\n"
        "+18005550210\n1-800-555-0100\n+1 800 555 0211\nringring!\n5001",
    )
    for text, reading, finding in (
        ("tel:+1-800-555-0211", "+18005550211", "new"),
        ("(800) 555 0212", "+18005550212", "new"),
        ("800.555.0213", "+18005550213", "new"),
        ("+18005550210", "+18005550210", "there already"),
        ("1-800-555-0100", "+18005550100", "+1 800 555 0100 of DNIS"),
        ("+1 800 555 0211", "+18005550211", "as in line 1"),
        ("ringring!", "ringring!", "unreadable"),
        ("5001", "5001", "just so"),
    ):
        expect(judged(page, text)).to_contain_text(reading)
        expect(judged(page, text)).to_contain_text(finding)
    assert numbers_of(pools, "judged") == {"+1 800 555 0210": False}
    page.get_by_role("button", name="Add these 4 numbers").click()
    added = {"tel:+1-800-555-0211", "(800) 555 0212", "800.555.0213", "5001"}
    assert set(numbers_of(pools, "judged")) == {"+1 800 555 0210", *added}


def test_numbers_go_out_and_come_back_as_a_file(pools: Server, page: Page, tmp_path: Path) -> None:
    address = made(pools, "filed", "+1 800 555 0220", "1-800-555-0221", "+1 800 555 0222")
    session = pools.reserve(_resource_group="filed")
    drained = quote(session["_access_number"], safe="")
    pools.client.delete(f"{ADMIN}/resources/filed/numbers/{drained}").raise_for_status()
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    file = tmp_path / "numbers.csv"
    download.value.save_as(file)
    assert file.read_text().splitlines()[:2] == [
        "group,number,reading,state",
        f"filed,{session['_access_number']},+18005550220,draining",
    ]
    upload(page, file)
    expect(page.get_by_text("None of them can be added.")).to_be_visible()
    expect(judged(page, session["_access_number"])).to_contain_text("left to drain")
    pools.client.delete(f"{ADMIN}/resources/filed/numbers/{quote('1-800-555-0221')}").raise_for_status()
    page.goto(address)
    upload(page, file)
    page.get_by_role("button", name="Add this number").click()
    expect(page.get_by_role("status").first).to_contain_text("1 number is handed out")
    assert numbers_of(pools, "filed")["1-800-555-0221"] is False


def upload(page: Page, file: Path) -> None:
    unfold(page)
    page.get_by_label("Or a CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at them").click()


def test_a_number_in_use_drains_first_and_can_be_taken_back(pools: Server, page: Page) -> None:
    address = made(pools, "leaving", "+1 800 555 0230", "+1 800 555 0231", _cooldown="0")
    session = pools.reserve(_resource_group="leaving")
    used, other = session["_access_number"], "+1 800 555 0231"
    page.goto(address)
    for number in (used, other):
        page.get_by_label(f"Choose {number}").check()
    page.get_by_role("button", name="Remove the chosen").click()
    expect(page.get_by_role("status").first).to_have_text(
        "1 removed. 1 drain: calls still find them, and they go when they are free."
    )
    assert numbers_of(pools, "leaving") == {used: True}
    expect(stat(page, "Draining")).to_have_text("1")
    page.get_by_label(f"Choose {used}").check()
    page.get_by_role("button", name="Take back").click()
    assert numbers_of(pools, "leaving") == {used: False}


def test_each_number_tells_what_it_does_and_leaves_the_reader_alone(pools: Server, page: Page) -> None:
    address = made(pools, "told", "+1 800 555 0270", "+1 800 555 0271", _cooldown="600")
    page.goto(address)
    expect(page.locator("#live-state")).to_have_text("live")
    unfold(page)
    page.get_by_label("Paste them").fill("+1 800 555 0272")
    page.get_by_label("Choose +1 800 555 0271").check()
    states = page.locator("#numbers tbody tr .badge")
    expect(states).to_have_text(["free", "free"])
    session = pools.reserve(_resource_group="told")
    expect(states).to_have_text(["held", "free"])
    pools.client.delete(f"/genesys/1/service/{session['_id']}")
    expect(states).to_have_text(["cooling", "free"])
    pools.client.delete(f"{ADMIN}/resources/told/numbers/{quote('+1 800 555 0270')}").raise_for_status()
    expect(states).to_have_text(["cooling", "draining", "free"])
    made(pools, "told", "+1 800 555 0273", _cooldown="600")
    expect(states).to_have_text(["cooling", "draining", "free", "free"])
    expect(page.get_by_label("Paste them")).to_have_value("+1 800 555 0272")
    expect(page.get_by_label("Choose +1 800 555 0271")).to_be_checked()


def test_of_a_shared_number_its_reservations_are_counted(pools: Server, page: Page) -> None:
    page.goto(made(pools, "crowd", "+1 800 555 0280", _allocation_strategy="RANDOM", _cooldown="600"))
    states = page.locator("#numbers tbody tr .badge")
    expect(states).to_have_text(["not held"])
    sessions = [pools.reserve(_resource_group="crowd", _provide_code="true") for _ in range(3)]
    pools.reserve(_resource_group="crowd")
    expect(states).to_have_text(["4 held"])
    pools.client.delete(f"/genesys/1/service/{sessions[0]['_id']}")
    expect(states).to_have_text(["3 held", "1 cooling"])


def test_a_deleted_group_drains_first_and_its_reservations_are_named(pools: Server, page: Page) -> None:
    address = made(pools, "doomed", "+1 800 555 0240", "+1 800 555 0241", _cooldown="0")
    session = pools.reserve(_resource_group="doomed", _phone_number="+14155550123", _ttl="900")
    page.goto(address)
    page.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("1 reservation is live.")
    expect(asked).to_contain_text(f"holds {session['_access_number']} for …23")
    asked.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_contain_text("1 number is in use: the group drains")
    assert numbers_of(pools, "doomed") == {session["_access_number"]: True}
    pools.client.delete(f"/genesys/1/service/{session['_id']}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").first).to_contain_text("The group doomed is deleted.")
    assert pools.client.get(f"{ADMIN}/resources/doomed").status_code == 400


def test_who_hands_out_a_groups_numbers_is_named(pools: Server, page: Page) -> None:
    page.goto(url(pools, "/ui/resources/of/DNIS"))
    expect(page.get_by_role("link", name="request-interaction")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("request-interaction hands out its numbers")


def test_what_two_people_change_at_once_is_shown_and_not_overwritten(
    pools: Server, page: Page, complaints: Complaints
) -> None:
    complaints.expect("409")
    address = made(pools, "contended")
    page.goto(address)
    pools.client.patch(f"{ADMIN}/options/resources.contended", json={"_cooldown": "33"})
    page.locator("#option-_booking_expiration_timeout").fill("99")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else changed this meanwhile")
    expect(page.locator("#option-_cooldown")).to_have_value("33")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    after = pools.options("resources.contended")
    assert (after["_cooldown"], after["_booking_expiration_timeout"]) == ("33", "99")


def test_ten_thousand_numbers_are_added_paged_and_found(serve: Serve, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("\n".join(f"+1212200{n:04d}" for n in range(10_000)))
    page.goto(made(serve(), "large"))
    upload(page, file)
    expect(page.get_by_text("and 9,800 more")).to_be_visible()
    page.get_by_role("button", name="Add these 10,000 numbers").click()
    expect(page.get_by_text("1 to 100 of 10,000")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("101 to 200 of 10,000")).to_be_visible()
    page.get_by_label("Find a number").fill("(212) 200-4321")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible()
    expect(page.locator("#numbers tbody th")).to_have_text("+12122004321")


def test_when_a_group_runs_out_is_foretold(pools: Server, page: Page) -> None:
    address = made(pools, "falling", *(f"+1 800 555 03{n:02d}" for n in range(20)))
    page.goto(address)
    expect(page.locator("[data-key='outlook']")).to_contain_text("not known yet")
    write(pools.store, falling("falling", 20, 2, SystemClock().now()))
    outlook = page.locator("[data-key='outlook']")
    expect(outlook).to_contain_text("numbers a minute were free no more")
    expect(outlook.locator("time")).to_be_visible()
    made(pools, "falling", _booking_expiration_timeout="60")
    for _ in range(20):
        pools.reserve(_resource_group="falling")
    expect(outlook).to_contain_text("exhausted now")


def test_the_last_hours_are_drawn_and_told_in_figures(pools: Server, page: Page) -> None:
    address = made(pools, "drawn", *(f"+1 800 555 04{n:02d}" for n in range(10)))
    page.goto(address)
    expect(page.get_by_text("Nothing is known yet")).to_be_visible()
    now = SystemClock().now()
    write(pools.store, busy_hours("drawn", 10, now))
    last = PoolSample(minute_of(now) - MINUTE, "drawn", 3, 5, 2, 1234, 0)
    write(pools.store, [last])
    expect(page.get_by_role("img", name="How the slots of drawn were used")).to_be_visible()
    page.get_by_text("In figures").click()
    hours = page.locator("[data-key='history'] tbody tr")
    expect(hours.filter(has_text=re.compile(r"1,[2-5]\d\d"))).to_have_count(1)
    assert page.locator("[data-key='history'] path.refused").count() > 0


def test_supervisors_see_and_change_nothing(closed: Server, page: Page, complaints: Complaints) -> None:
    complaints.expect("403")
    page.goto(url(closed, "/ui/resources/of/DNIS"))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    page.goto(url(closed, "/ui/resources/of/DNIS"))
    expect(page.get_by_text("+1 800 555 0100", exact=True)).to_be_visible()
    for name in ("Save", "Delete", "Remove the chosen", "Look at them"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    for path in ("", "/delete", "/numbers/preview", "/numbers/add", "/numbers/remove", "/numbers/take-back"):
        answer = page.request.post(url(closed, f"/ui/resources/of/DNIS{path}"), form={"numbers": "1"})
        assert answer.status == 403, path


def test_what_strangers_named_is_text(pools: Server, page: Page, tmp_path: Path) -> None:
    for place, name in enumerate(HOSTILE):
        address = made(pools, name, f"{name} {place}")
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page.get_by_role("rowheader", name=f"{name} {place}", exact=True)).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as CSV").click()
        download.value.save_as(tmp_path / "numbers.csv")
        assert ",=" not in (tmp_path / "numbers.csv").read_text()
        upload(page, tmp_path / "numbers.csv")
        expect(judged(page, f"{name} {place}")).to_contain_text("there already")
        page.goto(address)
        paste(page, name)
        expect(judged(page, name)).to_contain_text("unreadable")
    page.goto(url(pools, "/ui/resources"))
    expect(page.get_by_role("link", name=HOSTILE[0], exact=True)).to_be_visible()
    assert page.evaluate("window.hurt") is None


def test_what_is_not_there_is_said_so(pools: Server, page: Page, complaints: Complaints) -> None:
    complaints.expect("40[04]")
    page.goto(url(pools, "/ui/resources/of/nowhere"))
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    page.goto(made(pools, "empty"))
    expect(page.get_by_text("It has none yet")).to_be_visible()
    paste(page, " \n")
    expect(page.get_by_role("alert")).to_contain_text("There is no number in it.")


def test_it_is_done_with_the_keyboard_alone(pools: Server, page: Page) -> None:
    page.goto(made(pools, "keyed", "+1 800 555 0250"))
    page.locator("#numbers summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("+1 800 555 0251")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add 1 number?")
    page.get_by_role("button", name="Add this number").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Choose +1 800 555 0251")).to_be_visible()
    page.get_by_label("Choose +1 800 555 0251").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Remove the chosen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("1 removed")


def test_everybody_can_read_the_pages(pools: Server, open_tab: OpenTab) -> None:
    page = open_tab(bypass_csp=True, viewport=PHONE)
    address = made(pools, "read", "+1 800 555 0260")
    write(pools.store, busy_hours("read", 1, SystemClock().now()))
    for path in ("/ui/resources", "/ui/resources/new", address):
        page.goto(path if path == address else url(pools, path))
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert grave_findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    paste(page, f"+1 800 555 0261\n+1 800 555 0260\n{'x' * 90}")
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
