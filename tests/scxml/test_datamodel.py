"""The walls of the ECMAScript data model: what a script can and cannot reach, and what becomes of its values."""

import pytest

from matchline.scxml import snapshot
from matchline.scxml.effects import Logged
from tests.scxml.charts import NOW, Played


def value(expr: str, before: str = "") -> str | None:
    """What an expression is, as JSON."""
    quoted = expr.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    script = before.replace("&", "&amp;").replace("<", "&lt;")
    played = Played(f'<script>{script}</script><state><onentry><log expr="{quoted}"/></onentry></state>')
    (logged,) = (effect for effect in played.effects if isinstance(effect, Logged))
    return logged.value


@pytest.mark.parametrize(
    "name",
    [
        "require",
        "process",
        "os",
        "std",
        "console",
        "fetch",
        "XMLHttpRequest",
        "setTimeout",
        "import_",
        "host",
        "builtin",
    ],
)
def test_nothing_of_the_host_is_there(name: str) -> None:
    assert value(f"typeof {name}") == '"undefined"'


def test_the_globals_are_the_language_and_the_system_variables() -> None:
    names = value("Object.keys(globalThis)")
    assert names == '["_sessionid","_name","_ioprocessors","_x","In","_event"]'


@pytest.mark.parametrize(
    "script",
    [
        "In = () => true",
        "_sessionid = 'other'",
        "delete globalThis.In",
        "try { Object.defineProperty(globalThis, '_sessionid', {value: 'other'}) } catch (e) {}",
        "try { Object.defineProperty(globalThis, '_event', {get: () => 1}) } catch (e) {}",
        "try { _ioprocessors.scxml.location = 'other' } catch (e) {}",
        "JSON.stringify = () => '1'; JSON.parse = () => 1; Object.freeze = () => 1; Array.isArray = () => false",
        "Object.prototype.name = 'odd'; Array.prototype.toJSON = undefined",
    ],
)
def test_a_script_cannot_change_what_the_system_tells(script: str) -> None:
    told = "[In('#1'), In('other'), typeof _event, _ioprocessors.scxml.location === '#_scxml_' + _sessionid]"
    assert value(told, script) == '[true,false,"undefined",true]'


@pytest.mark.parametrize(
    ("expr", "json"),
    [
        ("undefined", None),
        ("null", "null"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("'é\\u2028\"'", '"é\u2028\\""'),
        ("[1, [2, {a: undefined, b: null}]]", '[1,[2,{"b":null}]]'),
        ("NaN", "null"),
        ("new Date(0)", '"1970-01-01T00:00:00.000Z"'),
    ],
)
def test_values_leave_as_json(expr: str, json: str | None) -> None:
    assert value(expr) == json


@pytest.mark.parametrize(
    "expr",
    [
        "Date.now()",
        "new Date().getTime()",
        "Date.parse(Date().slice(0, 24)) + 0",
        "new (class extends Date {})().valueOf()",
        "new (new Date(0).constructor)().getTime()",
        "(() => { for (var i = 0; i < 1e6; i++); return Date.now() })()",
    ],
)
def test_the_time_is_that_of_the_step_and_stands_still_in_it(expr: str) -> None:
    assert value(expr) == str(NOW)


def test_a_date_is_otherwise_one() -> None:
    assert value(
        "[new Date(2026, 1).getMonth(), new Date(5).getTime(), Date.UTC(1970, 0), new Date() instanceof Date]"
    ) == ("[1,5,0,true]")


def test_a_message_that_waits_for_an_instant_leaves_at_it() -> None:
    body = f"""<state id="a"><onentry><send event="due" delayexpr="{NOW + 5000} - Date.now() + 'ms'"/></onentry>
<transition event="due" target="b"/></state><state id="b"><onentry><log expr="Date.now()"/></onentry></state>"""
    played = Played(body)
    assert played.chart.next_due == NOW + 5000
    assert played.after(5000).logged == [str(NOW + 5000)]


@pytest.mark.parametrize(
    "expr", ["function () {}", "Symbol()", "10n", "(() => { var a = []; a[0] = a; return a })()"]
)
def test_what_json_cannot_hold_is_an_error(expr: str) -> None:
    body = f"""<state id="a"><onentry><send event="e"><content expr="{expr.replace(">", "&gt;")}"/></send></onentry>
<transition event="error.execution" target="b"/><transition event="e" target="a"/></state><state id="b"/>"""
    assert Played(body).active == ("b",)


def test_a_variable_cannot_take_the_place_of_a_built_in() -> None:
    body = """<datamodel><data id="Object" expr="1"/></datamodel>
<state id="a"><transition event="error.execution" cond="typeof Object === 'function'" target="b"/></state>
<state id="b"/>"""
    assert "b" in Played(body).active


@pytest.mark.parametrize(
    "script",
    [
        "Object = 1; JSON = 2; String = 3; Array = 4; Reflect = 5; TypeError = 6; InternalError = 7",
        "Array.prototype[Symbol.iterator] = () => { throw 1 }",
        "Object.prototype.hasOwnProperty = () => { throw 1 }; Function.prototype.call = () => { throw 1 }",
        "Object.defineProperty(Object.prototype, 'x', {set() { throw 1 }})",
    ],
)
def test_a_script_that_breaks_the_language_does_not_break_the_engine(script: str) -> None:
    body = f"""<script>{script.replace(">", "&gt;")}</script>
<state id="a"><transition event="go" cond="In('a') &amp;&amp; _event.data.n === 1" target="b"/></state>
<state id="b"/>"""
    played = Played(body).send("go", '{"n":1}')
    assert played.active == ("b",)
    snapshot(played.chart)


def test_an_error_event_says_what_was_wrong() -> None:
    body = """<state id="a"><onentry><assign location="x" expr="no.such"/></onentry>
<transition event="error.execution"><log expr="_event.data.message"/></transition></state>"""
    assert Played(body).logged == ["\"ReferenceError: 'no' is not defined\""]
