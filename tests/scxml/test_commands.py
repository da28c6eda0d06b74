"""The commands `matchline scxml run`, `check`, `example` and `test`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchline import chart_examples
from matchline.chart_examples import EXAMPLES, SCHEME
from matchline.cli.scxml import command
from matchline.clock import SECOND, ManualClock
from matchline.scxml import Chart, parse
from matchline.scxml.player import Player
from tests.scxml.charts import HOST, document_text

CHARTS = Path(chart_examples.__file__).parent

DOOR = """<state id="closed"><transition event="open" cond="_event.data.key === 7" target="open"/></state>
<state id="open"><onentry><send event="late" delay="3s"/><log label="key" expr="_event.data.key"/></onentry>
<transition event="late" target="shut"/></state>
<final id="shut"><donedata><content>over</content></donedata></final>"""


def matchline_scxml(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def written(folder: Path, body: str, name: str = "chart.scxml") -> str:
    path = folder / name
    path.write_text(document_text(body))
    return str(path)


def test_run_tells_what_happens_and_lets_the_clock_jump(tmp_path: Path) -> None:
    result = matchline_scxml("run", written(tmp_path, DOOR), "--trace", "--event", 'open={"key":7}')
    assert result.output.splitlines() == [
        "   0.000   enter closed",
        '   0.000 event open {"key":7}',
        "   0.000   leave closed",
        "   0.000   transition of closed on line 2 to open",
        "   0.000   enter open",
        "   0.000 log key: 7",
        "   3.000 event late",
        "   3.000   leave open",
        "   3.000   transition of open on line 4 to shut",
        "   3.000   enter shut",
        "   3.000   leave shut",
        'ended with "over"',
    ]


def test_run_tells_where_a_chart_waits(tmp_path: Path) -> None:
    result = matchline_scxml("run", written(tmp_path, DOOR), "--event", "open={}")
    assert (result.output, result.exit_code) == ("waits in closed\n", 0)


def test_run_tells_what_is_asked_of_a_server_and_takes_the_answer() -> None:
    number, matched = 'request-access.done={"_access_number":"100"}', "interaction.matched={}"
    result = matchline_scxml("run", f"{CHARTS}/call-me.scxml", "--event", number, "--event", matched)
    assert [line[9:].partition(" {")[0] for line in result.output.splitlines()[:-1]] == [
        "send matchline:request-access",
        "send http://www.genesyslab.com/modules/ws#response request",
        "send matchline:set-data",
    ]


def test_run_begins_with_parameters_as_a_service_does() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    given = ("--parameter", f"_desired_time={tomorrow}", "--parameter", "_customer_number=+1415")
    result = matchline_scxml("run", f"{CHARTS}/callback-agent-calls.scxml", *given)
    *_, fetch, end = result.output.splitlines()
    moment, _, asked = fetch.strip().partition(" send matchline:fetch ")
    assert float(moment) == pytest.approx(86_400, abs=60)
    assert '"to":"+1415"' in asked
    assert end == "waits in open routing"
    assert "error" not in result.output


def test_run_tells_errors_in_any_case(tmp_path: Path) -> None:
    result = matchline_scxml(
        "run", written(tmp_path, '<state id="a"><onentry><log expr="x"/></onentry></state>')
    )
    assert result.output.splitlines()[0].startswith("   0.000 event error.execution {")


def test_run_can_wait_in_real_time(tmp_path: Path) -> None:
    body = DOOR.replace("3s", "1ms")
    result = matchline_scxml("run", written(tmp_path, body), "--real-time", "--event", 'open={"key":7}')
    assert result.output.endswith('log key: 7\nended with "over"\n')


def test_run_exits_1_for_a_chart_that_a_limit_stopped(tmp_path: Path) -> None:
    result = matchline_scxml("run", written(tmp_path, '<state id="a"><transition target="a"/></state>'))
    assert "stopped: more than 1,000 microsteps for one event" in result.output
    assert result.exit_code == 1


def test_a_chart_that_never_rests_is_given_up() -> None:
    body = '<state id="a"><onentry><send event="x" delay="1ms"/></onentry><transition event="x" target="a"/></state>'
    clock, told = ManualClock(), list[str]()
    chart = Chart.start(parse(document_text(body)), HOST, clock.now())
    player = Player(
        chart, clock, lambda passed: clock.advance(passed / SECOND), told.append, everything=False
    )
    assert player.play([]) == "given up after 1,000 steps"


def test_run_starts_nothing_that_has_a_fault(tmp_path: Path) -> None:
    body = '<state id="a"><onentry><log expr="1"/><log expr="1 +"/></onentry></state>'
    result = matchline_scxml("run", written(tmp_path, body))
    assert (result.output, result.exit_code) == ("", 1)
    assert "line 2, <log>: value '1 +'" in str(result.exception)


def test_run_refuses_data_that_are_not_json(tmp_path: Path) -> None:
    result = matchline_scxml("run", written(tmp_path, DOOR), "--event", "open={key}")
    assert result.exit_code == 2
    assert "the data of open are not JSON" in result.output


def test_check_tells_every_fault_with_its_line(tmp_path: Path) -> None:
    good = written(
        tmp_path, '<state id="a"><transition event="done.state.q" target="a"/></state>', "good.scxml"
    )
    bad = written(
        tmp_path, '<state id="a"/>\n<state id="b"><onentry><log expr="("/></onentry></state>', "bad.scxml"
    )
    result = matchline_scxml("check", good, bad)
    assert result.exit_code == 1
    first, second, third, fourth = result.output.splitlines()
    assert first == f"{good}:2: warning: <transition> there is no state 'q'"
    assert second == f"{good} is in order."
    assert third.startswith(f"{bad}:3: fault: <log> value '(': SyntaxError")
    assert fourth == f"{bad}:3: fault: <state> the state 'b' can never be entered"
    assert matchline_scxml("check", good).exit_code == 0


def test_test_counts_what_passed(tmp_path: Path) -> None:
    written(tmp_path, '<final id="pass"/>', "one.scxml")
    written(tmp_path, '<final id="pass"/>', "one_sub.scxml")
    result = matchline_scxml("test", str(tmp_path))
    assert (result.output.splitlines()[-1], result.exit_code) == ("1/1", 0)
    written(tmp_path, '<state id="wait"/>', "two.scxml")
    written(tmp_path, '<state id="wait" initial="x"/>', "wrong.scxml")
    result = matchline_scxml("test", str(tmp_path))
    assert (result.output.splitlines()[-1], result.exit_code) == ("1/3", 1)
    assert "entered wait last, rests in ['wait']" in result.output


def test_test_of_a_folder_without_documents_fails(tmp_path: Path) -> None:
    assert matchline_scxml("test", str(tmp_path)).exit_code == 1


def test_examples_are_listed_and_printed_to_be_copied(tmp_path: Path) -> None:
    listed = matchline_scxml("example")
    assert "example:call-me.scxml\n" in listed.output
    for address in EXAMPLES:
        printed = matchline_scxml("example", address.removeprefix(SCHEME))
        copy = tmp_path / "copy.scxml"
        copy.write_text(printed.output)
        assert matchline_scxml("check", str(copy)).output == f"{copy} is in order.\n"
    assert matchline_scxml("example", "none.scxml").exit_code == 2
