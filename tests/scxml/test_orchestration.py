"""Actions of Orchestration's documents are messages of types that a host may carry out."""

from dataclasses import replace

from matchline.scxml import check
from matchline.scxml.effects import Sent
from matchline.scxml.events import Event
from matchline.scxml.orchestration import FETCH, RESPONSE, START, TERMINATE
from tests.scxml.charts import HOST, Played, document_text

SPACES = (
    'xmlns:ws="http://www.genesyslab.com/modules/ws" xmlns:session="www.genesyslab.com/modules/session" '
    'xmlns:queue="www.genesyslab.com/modules/queue"'
)
GENESYS = replace(HOST, send_types=frozenset({RESPONSE, FETCH, START, TERMINATE}))


def sent(contents: str, data: str = "") -> list[Sent]:
    body = f'<datamodel><data id="x" expr="7"/>{data}</datamodel><state id="a"><onentry>{contents}</onentry></state>'
    effects = Played(body, SPACES, host=GENESYS).effects
    return [each for each in effects if isinstance(each, Sent)]


def test_a_response_goes_to_its_request() -> None:
    (found,) = sent('<ws:response requestid="\'r\' + x"><param name="n" expr="x"/></ws:response>')
    assert (found.type, found.target, found.event) == (RESPONSE, "r7", Event("", data='{"n":7}'))


def test_a_bare_word_is_itself_unless_it_is_a_variable() -> None:
    (found,) = sent('<ws:response requestid="x" type="negative" resultcode="invalidparameter"/>')
    assert (found.target, found.event.name) == ("7", "negative")
    assert found.event.data == '{"_resultcode":"invalidparameter"}'


def test_a_location_is_given_the_id_of_the_request() -> None:
    contents = (
        '<session:fetch requestid="id" srcexpr="\'http://a/\'" method="post" timeout="x"/><log expr="id"/>'
    )
    (found,) = sent(contents, '<data id="id"/>')
    assert (found.type, found.target, found.event.sendid) == (FETCH, "http://a/", "send.1")
    assert found.event.data == '{"_method":"post","_timeout":7}'


def test_sessions_are_started_and_ended() -> None:
    started, ended = sent('<session:start src="b.scxml"/><session:terminate sessionid="x"/>')
    assert (started.type, started.target) == (START, "b.scxml")
    assert (ended.type, ended.target) == (TERMINATE, "7")


def test_actions_stand_wherever_executable_content_does() -> None:
    response = '<ws:response requestid="x"/>'
    choice = f'<if cond="x == 7">{response}<else/>{response}</if>'
    assert len(sent(f'{choice}<foreach array="[1, 2]" item="y">{response}</foreach>')) == 3


def test_a_host_that_does_not_know_them_has_an_error() -> None:
    body = """<state id="a"><onentry><ws:response requestid="1"/></onentry>
<transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body, SPACES).active == ("b",)


def test_what_is_no_action_is_ignored_with_a_warning() -> None:
    body = """<state id="a"><onentry><queue:submit queue="q"/><ws:request/></onentry>
<ws:response requestid="1"/></state>"""
    report = check(document_text(body, SPACES))
    assert report.faults == ()
    assert [(each.line, each.element) for each in report.warnings] == [
        (2, "request"),
        (2, "submit"),
        (3, "response"),
    ]


def test_a_fault_names_the_action() -> None:
    report = check(
        document_text('<state id="a"><onentry>\n<ws:response requestid="1 +"/></onentry></state>', SPACES)
    )
    assert [(each.line, each.element) for each in report.faults] == [(3, "response")]
