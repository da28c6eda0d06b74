"""What of an options export is configured, what is not, and with which line and reason."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchline.engine.document import Document
from matchline.gms.export import Remark, read
from matchline.gms.mapping import map_export
from matchline.gms.writing import toml_text
from matchline.wiring import DECLARED, read_document

SAMPLE = Path(__file__).with_name("export.ini")


def imported(text: str | bytes, region: str | None = None) -> tuple[Document, tuple[Remark, ...]]:
    octets = text.encode() if isinstance(text, str) else text
    return map_export(read(octets), DECLARED, region)


def remarks(text: str | bytes) -> list[str]:
    return [f"{remark.line}: {remark}" for remark in imported(text)[1]]


def test_the_sample_is_configured_as_far_as_it_is_understood() -> None:
    document, _ = imported(SAMPLE.read_bytes(), "US")
    assert document.sections == {
        "server": {
            "default_region": "US",
            "public_url": "https://gms.example/",
            "access_code_prefix": "7-9",
            "password": "secret",
            "username": "default",
            "_ors": "http://ors-a.example:7210,http://ors-b.example:7210",
            "_ors_lb_strategy": "circular",
        },
        "resources.DNIS": {"_allocation_strategy": "CLUSTER", "_booking_expiration_timeout": "30"},
        "resources.SHARED": {"_allocation_strategy": "RANDOM"},
        "service.request-interaction": {
            "_type": "builtin",
            "_service": "request-interaction",
            "_resource_group": "DNIS",
            "_ttl": "30",
            "_provide_code": "true",
            "_access_code_length": "5",
        },
        "service.request-access": {
            "_type": "builtin",
            "_service": "request-access",
            "_resource_group": "VIP",
        },
        "service.match-interaction": {
            "_type": "builtin",
            "_service": "match-interaction",
            "_return_data": "true",
        },
        "service.call-me": {
            "_type": "builtin",
            "_service": "request-interaction",
            "_resource_group": "SHARED",
            "_provide_code": "true",
            "department": "sales; west",
            "password": "hidden",
        },
        "service.welcome": {"_type": "ors", "_service": "http://apps.example/welcome.scxml"},
    }
    assert document.numbers == {
        "DNIS": ("+1 800 555 0100", "+1 800 555 0101", "800-555-0102"),
        "SHARED": ("+1 800 555 0190", "+1 800 555 0191"),
    }


def line_of(text: str) -> int:
    lines = SAMPLE.read_text().splitlines()
    assert lines.count(text) == 1, text
    return lines.index(text) + 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[gms]", "[gms]: 1 option not configured: the address and port"),
        ("[log]", "[log]: 3 options not configured"),
        ("[cassandra]", "[cassandra]: 1 option not configured: the store"),
        ("node_id=1", "[server] node_id: there is no such option"),
        ("again=(800) 555-0100", "[resources.DNIS] (800) 555-0100: is left out: it is +1 800 555 0100"),
        ("_booking_expiration_timeout=3600", "[resources.SHARED] _booking_expiration_timeout: is not conf"),
        ("_backup_resource=+1 800 555 0199", "[resources.SHARED] _backup_resource: there is no such option"),
        (
            "_access_code_length=4",
            "[service.request-interaction] _access_code_length: is set again in line 4",
        ),
        ("_resource_group=VIP", "[service.request-access] _resource_group: the resource group VIP is not in"),
        (
            "_access_code_length=3",
            "[service.call-me] _access_code_length: is not configured: must be 4 to 15",
        ),
        ("[service.chat]", "[service.chat]: is not configured: the built-in request-chat is not served"),
        ("[service.callback]", "[service.callback]: is not configured: a service cannot have this name"),
        ("[stat.waiting]", "[stat.waiting]: 1 option not configured: no statistics server"),
    ],
)
def test_what_is_not_configured_is_told_with_its_line_and_reason(content: str, told: str) -> None:
    found = [
        str(remark) for remark in imported(SAMPLE.read_bytes(), "US")[1] if remark.line == line_of(content)
    ]
    assert any(remark.startswith(told) for remark in found), found


def test_every_option_of_the_sample_is_configured_or_remarked_upon() -> None:
    export = read(SAMPLE.read_bytes())
    document, told = map_export(export, DECLARED, "US")
    configured = {name.lower() for options in document.sections.values() for name in options}
    numbers = {number for numbers in document.numbers.values() for number in numbers}
    places = {remark.line for remark in told}
    for entry in export.entries:
        whole_section = export.sections[entry.section] in places
        here = entry.name.lower() in configured or set(entry.text.split(", ")) <= numbers
        assert (
            here or entry.line in places or whole_section or entry.name in ("_name", "external_url_base")
        ), entry


def test_the_written_configuration_reads_back_as_it_is() -> None:
    document, _ = imported(SAMPLE.read_bytes(), "US")
    again, faults = read_document(toml_text(document))
    assert not faults
    assert (again.sections, again.numbers) == (document.sections, document.numbers)


def test_texts_and_names_that_need_quotes_read_back_as_they_are() -> None:
    text = '[service.x]\n_service=get\nsaid=say "hi" \\ \x7f ü\n[resources.my group]\na=100\n[resources.b.c]\nd=200\n'
    document, _ = imported(text)
    again, faults = read_document(toml_text(document))
    assert not faults
    assert again.sections["service.x"]["said"] == 'say "hi" \\ \x7f ü'
    assert again.numbers == {"my group": ("100",)} | {"b.c": ("200",)}


SERVICE = "[service.get]\r\n_type=builtin\r\n_service=get\r\ndescription=Grüße\r\n"


@pytest.mark.parametrize(
    "octets",
    [SERVICE.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16")]
    + [SERVICE.encode().replace(b"\r", b"")],
    ids=["Windows lines", "byte order mark", "UTF-16", "Unix lines"],
)
def test_line_ends_and_byte_order_marks_make_no_difference(octets: bytes) -> None:
    document, told = imported(octets)
    assert document.sections["service.get"]["description"] == "Grüße"
    assert not told


def test_a_file_that_is_not_utf_8_is_read_as_latin_1_and_said_to_be() -> None:
    document, told = imported(SERVICE.encode("latin-1"))
    assert document.sections["service.get"]["description"] == "Grüße"
    assert [str(remark) for remark in told] == ["is not UTF-8: the file was read as Latin-1"]
    assert told[0].line == 4


def test_sections_and_options_are_found_in_any_case_of_letters() -> None:
    text = "[SERVICE.Match]\n_TYPE=BuiltIn\n_Service=Match-Interaction\n_Return_User_Data=True\n"
    document, told = imported(text)
    assert document.sections == {
        "service.Match": {"_type": "builtin", "_service": "match-interaction", "_return_user_data": "true"}
    }
    assert not told


def test_a_section_that_is_there_twice_is_one() -> None:
    document, told = imported(
        "[resources.A]\nx=+100\n[service.g]\n_service=get\n[Resources.a]\ny=+200\nX=+300\n"
    )
    assert document.numbers == {"A": ("+200", "+300")}
    assert [(remark.line, str(remark)) for remark in told] == [
        (2, "[resources.A] x: is set again in line 7, which counts")
    ]


def test_national_numbers_without_a_region_are_warned_about() -> None:
    document, told = imported("[resources.A]\nx=800-555-0100\n")
    assert document.numbers == {"A": ("800-555-0100",)}
    assert [str(remark) for remark in told] == [
        "800-555-0100 and other numbers are compared as they stand: name the region of national numbers with --region"
    ]
    assert not imported("[resources.A]\nx=800-555-0100\n", "US")[1]


def test_lines_that_say_nothing_of_use_are_told() -> None:
    assert remarks("early=1\nnonsense\n[server]\n=3\nmax_ttl=\n") == [
        "1: early: stands before the first section",
        "2: is neither a section nor option=value",
        "4: is neither a section nor option=value",
        "5: [server] max_ttl: has no value, which counts as not set",
    ]


def test_a_chart_that_no_server_runs_is_configured_where_it_can_run_here() -> None:
    document, told = imported("[service.own]\n_type=ORS\n_service=http://apps.example/own.scxml\n")
    assert not document.sections
    assert [str(remark) for remark in told] == [
        "[service.own] _service: is not configured: its host is not in scxml_allow"
    ]


def test_a_service_without_a_built_in_is_taken_for_the_one_of_its_name() -> None:
    document, told = imported("[service.get]\n_type=builtin\n[service.own]\n_type=builtin\n")
    assert document.sections == {"service.get": {"_type": "builtin", "_service": "get"}}
    assert [str(remark) for remark in told] == [
        "[service.get]: has no _service: taken for get, as its name says",
        "[service.own]: is not configured: the built-in of no name is not served here",
    ]


def test_a_number_may_stand_in_the_place_of_a_name() -> None:
    document, told = imported("[resources.A]\n6500=\nempty=\n")
    assert document.numbers == {"A": ("6500",)}
    assert [remark.line for remark in told] == [0, 2, 3]


def test_an_empty_file_is_an_empty_configuration() -> None:
    document, told = imported(b"")
    assert (toml_text(document), told) == ("", ())


WORDS = st.sampled_from(
    [
        *("_type", "_service", "_name", "_ttl", "_late_grace", "_cooldown", "_aliases", "_default_region"),
        *(
            "_allocation_strategy",
            "_access_code_length",
            "_resource_group",
            "default_region",
            "username",
            "password",
            "realm",
            "x",
        ),
        *(
            "builtin",
            "ors",
            "get",
            "match-interaction",
            "request-interaction",
            "numbers",
            "US",
            "Narnia",
            "random",
        ),
        *("+18005550100", "8005550100", "5100", "5100=+18005550100", "30", "9999", "true", "", "$x$", "a,b"),
    ]
)
HEADS = st.sampled_from(
    [
        *(
            "server",
            "storage",
            "log",
            "resources.A",
            "resources.B",
            "RESOURCES.a",
            "resources.",
            "resources.x/y",
        ),
        *(
            "service.get",
            "service.a",
            "service.callback",
            "service.",
            "service.x.y",
            "service",
            "",
            "process",
        ),
    ]
)
LINES = st.one_of(
    st.builds("[{}]".format, HEADS),
    st.builds("{}={}".format, WORDS, WORDS),
    st.builds('{} = "{}"'.format, st.text(max_size=8), st.text(max_size=8)),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None)  # it was run with 5,000 too
@given(st.lists(LINES, max_size=30).map("\n".join), st.sampled_from([None, "US"]))
def test_whatever_the_file_holds_the_result_is_in_order(text: str, region: str | None) -> None:
    document, told = imported(text.encode("utf-8", "surrogatepass"), region)
    again, faults = read_document(toml_text(document))
    assert not faults
    assert again.sections == document.sections
    assert {name: texts for name, texts in again.numbers.items() if texts} == {
        name: texts for name, texts in document.numbers.items() if texts
    }
    assert [remark.line for remark in told] == sorted(remark.line for remark in told)


def test_port_restrictions_are_taken_over_and_those_that_mean_nothing_are_told() -> None:
    text = "[port_restrictions]\n/genesys/1/storage* = 80-90\n/genesys/1/service/* = some\n"
    document, told = imported(text)
    assert document.sections["port_restrictions"] == {"/genesys/1/storage*": "80-90"}
    listen, meaningless = told
    assert (listen.line, "--port" in listen.reason) == (1, True)
    assert (meaningless.line, "ports and ranges" in meaningless.reason) == (3, True)
    assert read_document(toml_text(document))[0].sections == document.sections
