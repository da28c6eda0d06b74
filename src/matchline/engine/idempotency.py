"""A request's promise that, repeated, it is the same request."""

import hashlib

from matchline.engine.service import Request
from matchline.model import Idempotency


def idempotency_of(request: Request) -> Idempotency | None:
    """The same key means the same request only for the same client and service."""
    if request.idempotency_key is None:
        return None
    key = hashlib.sha256(f"{request.client}\0{request.service}\0{request.idempotency_key}".encode())
    digest = hashlib.sha256()
    for name, text in sorted(request.parameters.items()):
        _feed(digest, name.encode(), text.encode())
    for name, value in sorted(request.data.items()):
        _feed(digest, name.encode(), (value.content_type or "").encode(), value.body)
    return Idempotency(key.hexdigest(), digest.hexdigest())


def _feed(digest: "hashlib._Hash", *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
