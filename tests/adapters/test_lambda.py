"""The Lambda function of the examples, against a served store."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.error import HTTPError

import pytest

from tests.acceptance.command import Server

from .site import SECRET
from .test_connect import event

EXAMPLE = Path(__file__).parents[2] / "examples" / "connect" / "lambda_function.py"
CALLER = "+14155550123"  # whom the events are from


@pytest.fixture
def function(server: Server, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("MATCHLINE_LINE", f"{str(server.client.base_url).rstrip('/')}/adapters/connect")
    monkeypatch.setenv("MATCHLINE_SECRET", SECRET)
    spec = spec_from_file_location("lambda_function", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_flow_is_handed_the_answer(server: Server, function: ModuleType) -> None:
    session = server.reserve(_phone_number=CALLER)
    answer = function.lambda_handler(event(session["_access_number"]), None)
    assert answer == {"outcome": "hand-over", "match_id": session["_id"]}


def test_what_is_refused_fails(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHLINE_SECRET", "another")
    with pytest.raises(HTTPError) as refused:
        function.lambda_handler(event("+18005550100"), None)
    assert refused.value.code == 403
    refused.value.close()
