"""API keys are part of the configuration; sessions and records remember who made them."""

import pytest

from matchline.errors import NotFound
from matchline.model import Change, Claim, Key, NewSession
from matchline.principal import Means, Principal, Scope
from matchline.store.testing.stage import OWN, Stage, data_of, is_gone, text_values, wish

SECOND_KEY = Key("k2", "Zürich ☎", "digest 2", frozenset({Scope.ADMIN}), None, None, 2000)
FIRST_KEY = Key(
    "k1", "", "digest 1", frozenset({Scope.APP, Scope.IVR}), frozenset({"a, b", "c"}), frozenset({OWN}), 1000
)
ADA = Principal("ada", "Ada", Means.KEY, frozenset({Scope.APP}))
BEN = Principal("ben", "Ben", Means.KEY, frozenset({Scope.APP}))
ADMINISTRATOR = Principal("root", "root", Means.KEY, frozenset({Scope.ADMIN}))


async def change(stage: Stage, *, created: tuple[Key, ...] = (), revoked: tuple[str, ...] = ()) -> None:
    version = (await stage.store.stored()).version
    await stage.store.change(Change(created=created, revoked=revoked), version, stage.now)


class KeysContract:
    async def test_keys_are_kept_as_they_were_made_in_the_order_of_their_ids(self, stage: Stage) -> None:
        await change(stage, created=(SECOND_KEY, FIRST_KEY))
        assert (await stage.store.stored()).keys == (FIRST_KEY, SECOND_KEY)

    async def test_a_key_that_is_made_or_revoked_changes_the_version(self, stage: Stage) -> None:
        versions = [(await stage.store.stored()).version]
        await change(stage, created=(FIRST_KEY, SECOND_KEY))
        versions.append((await stage.store.stored()).version)
        await change(stage, revoked=(FIRST_KEY.id,))
        stored = await stage.store.stored()
        assert stored.keys == (SECOND_KEY,)
        versions.append(stored.version)
        assert versions == sorted(set(versions))

    async def test_a_key_that_is_not_there_can_be_revoked_again(self, stage: Stage) -> None:
        await change(stage, revoked=("k1",))
        assert (await stage.store.stored()).keys == ()

    async def test_the_last_use_of_each_key_is_kept(self, stage: Stage) -> None:
        await change(stage, created=(FIRST_KEY, SECOND_KEY))
        version = (await stage.store.stored()).version
        assert await stage.store.key_uses() == {}
        first = stage.now
        await stage.store.note_key_uses({"k1", "k2"}, first)
        stage.wait(60)
        await stage.store.note_key_uses({"k2"}, stage.now)
        assert await stage.store.key_uses() == {"k1": first, "k2": stage.now}
        await stage.store.note_key_uses({"k2"}, first)
        assert await stage.store.key_uses() == {"k1": first, "k2": stage.now}
        assert (await stage.store.stored()).version == version

    async def test_of_a_key_that_is_gone_no_use_is_kept(self, stage: Stage) -> None:
        await change(stage, created=(FIRST_KEY,))
        await stage.store.note_key_uses({"k1", "unknown"}, stage.now)
        await change(stage, revoked=("k1",))
        await stage.store.note_key_uses({"k1"}, stage.now)
        assert await stage.store.key_uses() == {}


class MakerContract:
    async def test_a_session_and_its_data_remember_who_made_them(self, stage: Stage) -> None:
        new = NewSession("a", "service", data_of("a"), None, 60_000, "ada")
        await stage.store.claim(Claim(new, {}, wish(OWN)), stage.now)
        assert (await stage.session("a")).maker == "ada"
        assert (await stage.store.record(data_of("a"), None, stage.now)).maker == "ada"
        await stage.renew("a")
        await stage.reclaim("a")
        assert (await stage.session("a")).maker == "ada"

    async def test_without_a_maker_none_is_remembered(self, stage: Stage) -> None:
        await stage.claim("a")
        assert (await stage.session("a")).maker is None
        assert (await stage.store.record(data_of("a"), None, stage.now)).maker is None

    async def test_a_record_of_another_maker_is_not_overwritten(self, stage: Stage) -> None:
        store, values = stage.store, text_values(a="1")
        await store.put_record("r", "owner", values, 60_000, stage.now, ADA)
        with pytest.raises(NotFound):
            await store.put_record("r", "owner", {}, 60_000, stage.now, BEN)
        record = await store.record("r", "owner", stage.now)
        assert (record.maker, record.values) == ("ada", values)
        await store.put_record("r", "owner", {}, 30_000, stage.now, ADA)
        assert (await store.record("r", "owner", stage.now)).values == {}

    async def test_a_record_that_is_over_is_in_nobody_s_way(self, stage: Stage) -> None:
        await stage.store.put_record("r", None, {}, 1000, stage.now, ADA)
        stage.wait(1)
        await stage.store.put_record("r", None, {}, 1000, stage.now, BEN)
        assert (await stage.store.record("r", None, stage.now)).maker == "ben"

    async def test_who_is_bound_to_nothing_overwrites_and_is_the_maker_then(self, stage: Stage) -> None:
        await stage.store.put_record("r", None, {}, 1000, stage.now, ADA)
        await stage.store.put_record("r", None, {}, 1000, stage.now, ADMINISTRATOR)
        assert (await stage.store.record("r", None, stage.now)).maker == "root"
        assert await is_gone(stage.store.put_record("r", None, {}, 1000, stage.now, ADA))

    async def test_merged_data_keep_their_maker(self, stage: Stage) -> None:
        await stage.store.put_record("r", None, {}, 1000, stage.now, ADA)
        await stage.store.merge_record("r", text_values(a="1"), 5000, 10, stage.now)
        assert (await stage.store.record("r", None, stage.now)).maker == "ada"
