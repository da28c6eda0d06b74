"""Each request has an id: in the answer's header, in the body of an error, in what is logged meanwhile."""

import json
import logging

import pytest

from matchline.cli.logs import formatter

from .api import NUMBERS, Api, fault

pytestmark = pytest.mark.anyio

UNSANE = ("", "a b", "<script>", "é", "x" * 129)


async def test_a_sane_id_of_the_client_is_kept(api: Api) -> None:
    answer = await api.match(NUMBERS[0])
    own = answer.headers["x-request-id"]
    assert own == answer.json()["_request_id"]
    answer = await api.get("/service/x", headers={"X-Request-Id": "trace-1/a.b"})
    fault(answer, 404, "UnknownSession")
    assert answer.headers["x-request-id"] == answer.json()["_request_id"] == "trace-1/a.b"


async def test_answers_of_success_have_it_in_their_header_only(api: Api) -> None:
    answer = await api.ask("request-interaction")
    assert answer.headers["x-request-id"]
    assert "_request_id" not in answer.json()


@pytest.mark.parametrize("given", UNSANE)
async def test_what_is_no_sane_id_is_not_repeated(api: Api, given: str) -> None:
    answer = await api.get("/service/x", headers={"X-Request-Id": given.encode()})
    assert answer.headers["x-request-id"] != given


async def test_two_requests_have_two_ids(api: Api) -> None:
    ids = {(await api.get("/node/status")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_lines_logged_meanwhile_name_the_request(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "matchline.http.seen")
    lines: dict[str, list[str]] = {"json": [], "text": []}

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            for form, written in lines.items():
                written.append(formatter(form).format(record))

    handler = Listening()
    logger = logging.getLogger("matchline.http.seen")
    logger.addHandler(handler)
    try:
        await api.get("/service/x", headers={"X-Request-Id": "mine"})
    finally:
        logger.removeHandler(handler)
    (entry,) = map(json.loads, lines["json"])
    assert (entry["request_id"], entry["level"]) == ("mine", "debug")
    assert entry["message"].startswith("GET /genesys/1/service/{name} 404 in ")
    assert "DEBUG matchline.http.seen [mine]: GET " in lines["text"][0]


def test_a_line_of_no_request_names_none() -> None:
    record = logging.LogRecord("matchline", logging.WARNING, __file__, 1, "hm %s", ("!",), None)
    entry = json.loads(formatter("json").format(record))
    assert (entry["message"], entry["level"]) == ("hm !", "warning")
    assert "request_id" not in entry
    assert formatter("text").format(record).endswith("WARNING matchline: hm !")
