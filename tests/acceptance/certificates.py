"""Certificates that a test makes for itself."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FOR = dt.timedelta(days=1)


class Certificate:
    """A self-signed certificate for this machine, and its key, as PEM files in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.chain = folder / "chain.pem"
        self.key = folder / "key.pem"
        self.renew(name)

    def renew(self, name: str) -> None:
        """Another certificate and another key in the same files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begins = dt.datetime.now(dt.UTC) - VALID_FOR
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + 2 * VALID_FOR)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        self.chain.write_bytes(self.pem)
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def trusting(self) -> ssl.SSLContext:
        """A client's context that believes this certificate, as it is now, and no other."""
        return ssl.create_default_context(cadata=self.pem.decode())
