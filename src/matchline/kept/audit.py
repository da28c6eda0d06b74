"""The audit trail: who changed what of the configuration, and how it was before. Secrets never get here."""

from collections.abc import Mapping

from msgspec import Struct

from matchline.clock import Instant

MASKED = "***"  # stands for every secret

Texts = Mapping[str, str]


class AuditEntry(Struct, frozen=True):
    """An administrative change. A name that is missing before or after was not set."""

    who: str
    what: str  # in a few words
    before: Texts = {}
    after: Texts = {}


class Audited(Struct, frozen=True):
    """An entry as it is stored."""

    place: int  # grows with every entry
    at: Instant
    entry: AuditEntry
