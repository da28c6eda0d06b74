"""Documents that cannot be run: told with line and element when they are configured, and nothing starts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.wiring import read_document
from tests.charts.chart_api import HEAD, Charted, chart, charted, configuration
from tests.charts.partner import Partner, partner
from tests.http.api import fault

pytestmark = pytest.mark.anyio

STATE = '<state id="a"/>'
BAD = {
    "is no XML": ("no chart", "line 1, <scxml>: not well-formed XML"),
    "is cut off": (HEAD + STATE, "not well-formed XML"),
    "is a bomb": (
        '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + chart(STATE),
        "line 1, <scxml>: a document type declaration (entities) is not allowed",
    ),
    "reaches outside": (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + chart(STATE),
        "line 1, <scxml>: a document type declaration (entities) is not allowed",
    ),
    "has another data model": (
        chart(STATE).replace('"ecmascript"', '"xpath"'),
        "line 1, <scxml>: datamodel is 'xpath', not one of ecmascript, null",
    ),
    "begins nowhere": (
        chart('<state id="a" initial="b"><state id="c"/></state>'),
        "line 3, <state>: there is no state 'b'",
    ),
    "has no state": (chart(""), "line 1, <scxml>: has no state"),
    "has a bad expression": (
        chart('<state id="a">\n<onentry><log expr="1 +"/></onentry></state>'),
        "line 4, <log>: value '1 +'",
    ),
    "has an action without its target": (
        chart('<state id="a"><onentry>\n<ws:response/></onentry></state>'),
        "line 4, <response>: needs the attribute 'requestid'",
    ),
    "is large": (chart(STATE + "<!--" + "x" * 10_000_000 + "-->"), "larger than 1,048,576 bytes"),
    "loads from elsewhere": (
        chart('<script src="../secret.js"/>' + STATE),
        "<script>: ../secret.js cannot be loaded: it is outside the document's folder",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_service_whose_document(what: str, tmp_path: Path) -> None:
    text, complaint = BAD[what]
    _, faults = read_document(configuration(tmp_path, {"bad": text}))
    assert any("[service.bad] _service: " in each.message and complaint in each.message for each in faults)


def test_each_fault_is_told(tmp_path: Path) -> None:
    text = chart('<state id="a">\n<transition target="x"/>\n<transition target="y"/></state>')
    _, faults = read_document(configuration(tmp_path, {"bad": text}))
    assert [each.message.split("_service: ")[1] for each in faults] == [
        "line 4, <transition>: there is no state 'x'",
        "line 5, <transition>: there is no state 'y'",
    ]


def test_of_very_many_faults_the_first_are_told(tmp_path: Path) -> None:
    text = chart('<state id="a">' + '<transition target="x"/>' * 150 + "</state>")
    _, faults = read_document(configuration(tmp_path, {"bad": text}))
    assert len(faults) == 101
    assert faults[-1].message.endswith("_service: and 50 faults more")


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("none.scxml", "is no file in the folder of documents"),
        ("../good.scxml", "is outside the folder of documents"),
        ("file:///etc/passwd", "is outside the folder of documents"),
        ("http://example.com/a.scxml", "its host is not in scxml_allow"),
        ("", "names no document"),
        ("example:../call-me.scxml", "comes not with Matchline: there are example:call-me.scxml, "),
    ],
)
def test_an_address_from_which_no_document_comes(address: str, complaint: str, tmp_path: Path) -> None:
    section = f'\n[service.bad]\n_type = "ors"\n_service = "{address}"\n'
    _, faults = read_document(configuration(tmp_path, {}, more=section))
    assert [each.message.startswith(f"[service.bad] _service: {complaint}") for each in faults] == [True]


def test_without_a_folder_no_file_is_a_document(tmp_path: Path) -> None:
    text = configuration(tmp_path, {"good": chart(STATE)}).replace("scxml_folder", "# scxml_folder")
    _, faults = read_document(text)
    assert [each.message for each in faults] == [
        "[service.good] _service: there is no folder of documents: set scxml_folder"
    ]


def test_a_type_that_is_none(tmp_path: Path) -> None:
    section = '\n[service.bad]\n_type = "other"\n[service.worse]\n_service = "ors"\n'
    _, faults = read_document(configuration(tmp_path, {}, more=section))
    found = " ".join(each.message for each in faults)
    assert "[service.bad] _type: must be builtin or ors" in found
    assert "[service.worse] _service: must name a built-in: " in found
    assert ", ors" not in found


@pytest.fixture(scope="module", name="outside")
async def _outside() -> AsyncIterator[Partner]:
    async with partner() as found:
        yield found


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("charts")


@pytest.fixture(scope="module", name="api")
async def _api(folder: Path, outside: Partner) -> AsyncIterator[Charted]:
    services = "".join(
        f'\n[service.{name}]\n_type = "ors"\n_service = "{outside.url}/{name}"\n'
        for name in ("text", "chart")
    )
    server = f'scxml_workers = 1\nscxml_allow = "{outside.host}"'
    async with charted(configuration(folder, {"good": chart(STATE)}, server, more=services)) as api:
        yield api


async def test_a_document_that_went_bad_starts_nothing(api: Charted, folder: Path) -> None:
    good = folder / "good.scxml"
    await api.begin("good")
    good.write_text(chart('\n<state id="a"><transition target="gone"/></state>'))
    message = fault(await api.ask("good"), 503, "UnusableDocument")
    assert "line 4, <transition>: there is no state 'gone'." in message
    good.unlink()
    assert "is no file" in fault(await api.ask("good"), 503, "UnusableDocument")
    good.write_text(chart(STATE))
    await api.begin("good")


async def test_a_change_cannot_bring_a_bad_document(api: Charted, folder: Path) -> None:
    (folder / "bad.scxml").write_text(HEAD)
    options = {"_type": "ors", "_service": "bad.scxml"}
    response = await api.send("PATCH", "/admin/options/service.new", json=options)
    assert "not well-formed XML" in fault(response, 400, "InvalidConfiguration")


async def test_a_document_comes_over_http_when_a_chart_begins(api: Charted, outside: Partner) -> None:
    assert "not well-formed XML" in fault(await api.ask("text"), 503, "UnusableDocument")
    assert "404 was answered" in fault(await api.ask("chart"), 503, "UnusableDocument")
    outside.documents["/chart"] = chart(STATE)
    assert (await api.look(await api.begin("chart")))["_chart"] == "running"
