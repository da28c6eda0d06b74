"""An identity provider for the tests: keys of its own, tokens signed with them, its JWKS in a file or served."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from matchline.clock import SECOND, ManualClock

NAME, AUDIENCE = "https://issuer.example", "matchline"
LIFE = 600  # seconds that a token lasts

_EXPONENT, _BITS = 65537, 2048


class Issuer:
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.private: dict[str, Any] = {}
        self.public: dict[str, dict[str, Any]] = {}

    def new_key(self, key_id: str, kind: str = "EC") -> None:
        if kind == "RSA":
            key: Any = generate_rsa_key(_EXPONENT, _BITS)
            public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        else:
            key = generate_curve_key(SECP256R1())
            public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        algorithm = "RS256" if kind == "RSA" else "ES256"
        self.private[key_id] = key
        self.public[key_id] = {**public, "kid": key_id, "use": "sig", "alg": algorithm}

    def jwks(self) -> str:
        return json.dumps({"keys": list(self.public.values())})

    def claims(self, **others: object) -> dict[str, object]:
        """Those of a token that lasts from now; a claim of None is left out."""
        now = self._clock.now() // SECOND
        usual = {"iss": NAME, "aud": AUDIENCE, "sub": "shop", "iat": now, "exp": now + LIFE}
        return {name: claim for name, claim in {**usual, **others}.items() if claim is not None}

    def token(self, key_id: str, scope: object = "matchline:app", **claims: object) -> str:
        key = self.private[key_id]
        algorithm = str(self.public[key_id]["alg"])
        return jwt.encode(self.claims(scope=scope, **claims), key, algorithm, headers={"kid": key_id})


class Server(ThreadingHTTPServer):
    """Serves the JWKS of an issuer, and counts how often it is asked."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = issuer
        self.status = 200
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keys"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        text = self.server.issuer.jwks().encode()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(issuer: Issuer) -> Iterator[Server]:
    with Server(issuer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
