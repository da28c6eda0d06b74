"""HTTPS: the certificate that is shown, and how it is exchanged without a restart."""

import signal
import socket
import ssl
import warnings
from pathlib import Path

import httpx
import pytest

from .certificates import Certificate
from .command import LIMIT_SECONDS, Server, refused, run


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path, "first")


@pytest.fixture
def secure(server: Server, certificate: Certificate) -> Server:
    server.start(*arguments(server, certificate))
    assert str(server.client.base_url).startswith("https://")
    return server


def arguments(server: Server, certificate: Certificate) -> list[str]:
    files = ["--tls-cert", str(certificate.chain), "--tls-key", str(certificate.key)]
    return ["--config", str(server.config), "--store", server.store, "--port", "0", *files]


def get(server: Server, certificate: Certificate) -> httpx.Response:
    """Over a connection of its own."""
    return httpx.get(server.client.base_url.join("/healthz"), verify=certificate.trusting(), trust_env=False)


def shown(server: Server) -> bytes:
    """The certificate that a new connection is shown."""
    unbelieving = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unbelieving.check_hostname, unbelieving.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(server.address, LIMIT_SECONDS) as plain,
        unbelieving.wrap_socket(plain) as connection,
    ):
        return connection.getpeercert(binary_form=True) or b""


def test_it_serves_https(secure: Server, certificate: Certificate) -> None:
    answer = get(secure, certificate)
    assert answer.text == "ok"
    assert "strict-transport-security" in answer.headers


def test_plain_http_is_not_served_beside_it(secure: Server) -> None:
    with socket.create_connection(secure.address, LIMIT_SECONDS) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
        assert not connection.recv(1000).startswith(b"HTTP")


def test_versions_that_are_broken_are_refused(secure: Server, certificate: Certificate) -> None:
    old = certificate.trusting()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(secure.address, LIMIT_SECONDS) as connection,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        old.wrap_socket(connection, server_hostname="127.0.0.1")


def test_a_renewed_certificate_is_shown_without_a_restart(secure: Server, certificate: Certificate) -> None:
    with httpx.Client(
        verify=certificate.trusting(), base_url=secure.client.base_url, trust_env=False
    ) as early:
        assert early.get("/healthz").text == "ok"
        certificate.renew("second")
        secure.signal(signal.SIGHUP)
        assert secure.wait_for("(certificate was read anew)")
        assert shown(secure) == certificate.der
        assert get(secure, certificate).text == "ok"
        assert early.get("/healthz").text == "ok", (
            "the old connection goes on: the new certificate is not asked for"
        )


def test_a_certificate_that_is_not_in_order_is_refused_and_the_old_one_stays(
    secure: Server, certificate: Certificate
) -> None:
    before = shown(secure)
    old_key = certificate.key.read_bytes()
    certificate.renew("second")
    certificate.key.write_bytes(old_key)
    secure.signal(signal.SIGHUP)
    assert secure.wait_for("(the certificate stays as it was: .*)")
    assert shown(secure) == before
    assert "Traceback" not in secure.output


def test_it_does_not_start_with_a_certificate_that_is_not_in_order(
    server: Server, certificate: Certificate, tmp_path: Path
) -> None:
    certificate.key.write_text("no key")
    message = refused(run(tmp_path, "serve", *arguments(server, certificate)))
    assert str(certificate.key) in message


def test_a_certificate_needs_its_key(certificate: Certificate, tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--store", "memory://", "--port", "0", "--tls-cert", str(certificate.chain))
    assert done.returncode != 0
    assert "--tls-key" in done.stderr
