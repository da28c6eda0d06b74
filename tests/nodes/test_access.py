"""What opens the API on one node opens it on the others, and what is revoked opens it nowhere, within a second."""

import httpx

from .cluster import Node
from .test_configuration import ADMIN, in_force

MATCH = "/genesys/1/service/match-interaction"
CALL = {"_access_number": "+1 800 555 0100"}


def test_a_key_counts_on_the_other_node_until_it_is_revoked(pair: list[Node]) -> None:
    one, other = pair

    def create(*scopes: str, **headers: str) -> tuple[str, dict[str, str]]:
        wanted = {"name": "x", "scopes": scopes}
        key = one.client.post(f"{ADMIN}/keys", json=wanted, headers=headers).json()
        return key["id"], {"authorization": f"Bearer {key['key']}"}

    def status(headers: dict[str, str]) -> int:
        return other.client.post(MATCH, data=CALL, headers=headers).status_code

    admin_id, admin = create("admin")
    in_force(lambda: status({}) == httpx.codes.UNAUTHORIZED)
    key_id, ivr = create("ivr", **admin)
    in_force(lambda: status(ivr) == httpx.codes.NOT_FOUND)
    one.client.delete(f"{ADMIN}/keys/{key_id}", headers=admin)
    in_force(lambda: status(ivr) == httpx.codes.UNAUTHORIZED)
    one.client.delete(f"{ADMIN}/keys/{admin_id}", headers=admin)
    in_force(lambda: status({}) == httpx.codes.NOT_FOUND)
