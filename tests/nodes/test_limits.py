"""Limits that hold for all nodes together, and a certificate that all workers exchange."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.certificates import Certificate
from tests.acceptance.test_tls import shown

from .cluster import CONFIGURATION, Node, nodes

BUDGET = 4  # wrong codes
ATTACKER, HOLDER = "+14155550199", "+14155550123"

GUARDED = CONFIGURATION.replace(
    "[server]",
    f'[server]\nusername = "ada"\npassword = "s3cret"\nguess_budget = {BUDGET}\nreservation_quota = 2',
)

CONNECTIONS = 20  # enough for each of two workers to have some


@pytest.fixture
def guarded(store_url: str, tmp_path: Path) -> Iterator[list[Node]]:
    with nodes(tmp_path, store_url, 2, GUARDED) as pair:
        for node in pair:
            node.client.auth = ("ada", "s3cret")
        yield pair


def test_more_nodes_give_nobody_more(guarded: list[Node]) -> None:
    first, second = guarded
    session = first.reserve(_provide_code="true")
    for n in range(BUDGET):
        wrong = guarded[n % 2].match(session, _phone_number=ATTACKER, _access_code="00000")
        assert wrong.status_code == 404
    for node in guarded:
        right = node.match(session, _phone_number=ATTACKER, _access_code=session["_access_code"])
        assert right.status_code == 404

    second.reserve()
    for node in guarded:
        refusal = node.client.post("/genesys/1/service/request-interaction")
        assert (refusal.status_code, refusal.json()["exception"]) == (429, "QuotaReached")

    found = second.match(session, _phone_number=HOLDER, _access_code=session["_access_code"])
    assert found.json()["_id"] == session["_id"]


def test_every_worker_exchanges_its_certificate(store_url: str, tmp_path: Path) -> None:
    certificate = Certificate(tmp_path, "first")
    node = Node(tmp_path / "node", store_url)
    try:
        node.begin(
            *("--workers", "2", "--tls-cert", str(certificate.chain), "--tls-key", str(certificate.key))
        )
        assert shown(node) == certificate.der
        certificate.renew("second")
        node.signal(signal.SIGHUP)
        assert node.wait_for(r"(?s)(read anew.*read anew)")
        assert {shown(node) for _ in range(CONNECTIONS)} == {certificate.der}
        node.signal(signal.SIGTERM)
        assert node.wait() == 0
    finally:
        node.close()
