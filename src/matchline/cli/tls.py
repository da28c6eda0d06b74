"""TLS: the certificate that a server shows, exchanged without a restart when it is renewed."""

import logging
import ssl
from pathlib import Path

log = logging.getLogger(__name__)


class Certificate:
    """A certificate chain and its key, as PEM files, and the context that shows them."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Raises ValueError with a sentence."""
        self._chain = chain
        self._key = key
        self.context = _context()
        self._load(self.context)

    def reload(self) -> None:
        """Show what the files hold now to new connections. Where they are not in order, the old one stays."""
        try:
            self._load(_context())
            self._load(self.context)
        except ValueError as error:
            log.error("the certificate stays as it was: %s", error)  # noqa: TRY400 - the sentence is enough
        else:
            log.info("the certificate was read anew")

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            # Nobody is there who could be asked for a password.
            context.load_cert_chain(self._chain, self._key, password=lambda: b"")
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise ValueError(f"cannot use {self._chain} with the key {self._key}: {reason}") from None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
