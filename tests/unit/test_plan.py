"""matchline plan: what it tells, for people and for programs."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from matchline.capacity import Demand, make_plan, refusal
from matchline.cli.plan import command


def told(*arguments: str) -> str:
    said = CliRunner().invoke(command, arguments)
    assert said.exit_code == 0, said.output
    return said.output


def as_json(*arguments: str) -> Any:
    return json.loads(told(*arguments, "--json"))


def test_the_numbers_needed_keep_the_refusals_below_what_was_asked() -> None:
    plan = as_json("--arrivals", "5/s", "--hold", "300s", "--cooldown", "60s", "--refused", "1%")
    needed = plan["exclusive"]["needed"]
    assert plan["load"] == 1800
    assert needed["refused"] == refusal(1800, needed["numbers"]) <= 0.01
    assert refusal(1800, needed["numbers"] - 1) > 0.01
    assert plan["exclusive"]["given"] is None


def test_numbers_that_there_are_are_judged_beside_those_that_are_needed() -> None:
    given = as_json("--arrivals", "300/min", "--hold", "5m", "--numbers", "1400")["exclusive"]["given"]
    assert (given["numbers"], given["refused"]) == (1400, refusal(1500, 1400))
    share = f"{refusal(1500, 1400) * 100:.3g} %"
    assert f"there are 1,400 numbers: {share} of reservations refused" in told(
        "--arrivals", "5/s", "--hold", "5m", "--numbers", "1400"
    )


def test_units_make_no_difference() -> None:
    assert told("--arrivals", "300 per minute", "--hold", "5 min", "--refused", "0.01") == told(
        "--arrivals", "5/s", "--hold", "300s", "--refused", "1%"
    )


def test_refused_reservations_have_no_code_that_could_be_guessed() -> None:
    plan = make_plan(Demand(arrivals=100, hold=100), 0.5, 4, 1.0, numbers=1)
    assert plan.shared.given is not None
    assert plan.codes.live == pytest.approx(10_000 * (1 - plan.shared.given.refused))
    assert plan.codes.live < 5000


def test_codes_that_only_cool_down_are_not_guessed() -> None:
    plan = as_json("--arrivals", "1/s", "--hold", "0s", "--cooldown", "60s")
    assert (plan["codes"]["guessed"], plan["guessing"]["seconds_until_even_chance"]) == (0, None)
    assert "guessing" not in told("--arrivals", "1/s", "--hold", "0s", "--cooldown", "60s")


@pytest.mark.parametrize(
    ("option", "text", "complaint"),
    [
        ("--arrivals", "often", "must be a rate such as 5/s, 300/min or 18000/h, not 'often'"),
        ("--hold", "5 parsecs", "must be a duration"),
        ("--refused", "0%", "must be more than nothing"),
        ("--codes", "3", "4<=x<=15"),
        ("--numbers", "0", "x>=1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(option: str, text: str, complaint: str) -> None:
    wanted = {"--arrivals": "1/s", "--hold": "60s"} | {option: text}
    said = CliRunner().invoke(command, [word for pair in wanted.items() for word in pair])
    assert said.exit_code == 2
    assert complaint in said.output
