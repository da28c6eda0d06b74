"""An entry of the audit trail is written in the step of the change, or not at all."""

from matchline.errors import Conflict
from matchline.kept.audit import AuditEntry
from matchline.model import Change
from matchline.store.testing.stage import Stage

EVERYTHING = 1 << 62  # above every place


def realm(text: str, was: str | None = None) -> Change:
    before = {} if was is None else {"realm": was}
    entry = AuditEntry("ada", "options", before, {"realm": text})
    return Change(options=(("server", "realm", text),), entry=entry)


class AuditContract:
    async def test_a_change_is_noted_with_what_was_before(self, stage: Stage) -> None:
        version = (await stage.store.stored()).version
        stored = await stage.store.change(realm("Zürich ☎"), version, stage.now)
        stage.wait(1)
        await stage.store.change(realm("Bern", "Zürich ☎"), stored.version, stage.now)
        newest, oldest = await stage.store.audit(EVERYTHING, 10)
        assert (newest.entry, newest.at) == (realm("Bern", "Zürich ☎").entry, stage.now)
        assert (oldest.entry, oldest.at) == (realm("Zürich ☎").entry, stage.now - 1000)

    async def test_a_change_that_is_refused_is_not_noted(self, stage: Stage) -> None:
        version = (await stage.store.stored()).version
        try:
            await stage.store.change(realm("a"), version + 1, stage.now)
        except Conflict:
            assert await stage.store.audit(EVERYTHING, 10) == ()
        else:
            raise AssertionError("another version is a conflict")

    async def test_what_changes_no_configuration_is_noted_too(self, stage: Stage) -> None:
        entry = AuditEntry("ada", "person forgotten", {"phone": "…23"})
        await stage.store.add_audit_entry(entry, stage.now)
        (noted,) = await stage.store.audit(EVERYTHING, 1)
        assert (noted.entry, noted.at) == (entry, stage.now)

    async def test_the_trail_is_read_in_pages(self, stage: Stage) -> None:
        stored = await stage.store.stored()
        for text in "abc":
            stored = await stage.store.change(realm(text), stored.version, stage.now)
        first = await stage.store.audit(EVERYTHING, 2)
        rest = await stage.store.audit(first[-1].place, 2)
        assert [each.entry.after["realm"] for each in (*first, *rest)] == ["c", "b", "a"]
