"""Stored user data: whose they are, how long they live, and that they come back byte for byte (rule 21)."""

import asyncio

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, NotFound
from matchline.model import Record, Value, Values
from matchline.store.testing.stage import Stage, is_gone, text_values

ALL_BYTES = bytes(range(256))


class RecordContract:
    async def test_a_record_is_kept_until_its_time(self, stage: Stage) -> None:
        values = text_values(city="Köln")
        await _put(stage, "r", values, ttl=30)
        stage.wait(29.999)
        assert await stage.store.record("r", None, stage.now) == Record("r", None, stage.now + 1, values)
        stage.wait(0.001)
        assert await stage.record_is_gone("r")

    @pytest.mark.parametrize(
        "value",
        [
            Value.text(""),
            Value.text("\0"),
            Value.text("a\0b\r\n"),
            Value.text("Ünïcödé 電話 ☎ 👩‍💻"),
            Value.text("x" * 1_000_000),
            Value(b"", "application/octet-stream"),
            Value(ALL_BYTES, "image/png"),
            Value(b"text", ""),
        ],
        ids=["empty", "NUL", "inner NUL", "Unicode", "a million characters", "empty file", "file", "no type"],
    )
    async def test_a_value_comes_back_byte_for_byte(self, stage: Stage, value: Value) -> None:
        await _put(stage, "r", {"key": value})
        assert await stage.store.value("r", "key", stage.now) == value
        assert (await stage.store.record("r", None, stage.now)).values == {"key": value}

    @pytest.mark.parametrize("key", ["", " ", "a/b", "'; drop table value; --", "電話", "K", "k"])
    async def test_any_key_is_kept(self, stage: Stage, key: str) -> None:
        await _put(stage, "r", {key: Value.text("v"), "other": Value.text("w")})
        assert await stage.store.value("r", key, stage.now) == Value.text("v")

    async def test_keys_differ_by_case_and_by_blanks(self, stage: Stage) -> None:
        values = text_values(a="1", A="2") | {"a ": Value.text("3"), "ä": Value.text("4")}
        await _put(stage, "r", values)
        assert (await stage.store.record("r", None, stage.now)).values == values

    async def test_a_string_and_a_file_are_told_apart(self, stage: Stage) -> None:
        values = {"string": Value(b"x"), "file": Value(b"x", "text/plain")}
        await _put(stage, "r", values)
        assert (await stage.store.record("r", None, stage.now)).values == values

    async def test_a_record_may_be_empty(self, stage: Stage) -> None:
        await _put(stage, "r", {})
        assert (await stage.store.record("r", None, stage.now)).values == {}

    async def test_an_absent_key_is_none_and_an_absent_record_is_not_found(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"))
        assert await stage.store.value("r", "b", stage.now) is None
        assert await is_gone(stage.store.value("s", "a", stage.now))

    async def test_what_is_put_again_replaces_everything(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1", b="2"), ttl=30)
        await _put(stage, "r", text_values(b="3"), ttl=60)
        assert await stage.store.record("r", None, stage.now) == Record(
            "r", None, stage.now + 60 * SECOND, text_values(b="3")
        )

    async def test_what_is_put_again_after_its_time_has_only_the_new_keys(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), ttl=30)
        stage.wait(30)
        await _put(stage, "r", text_values(b="2"))
        assert (await stage.store.record("r", None, stage.now)).values == text_values(b="2")

    async def test_a_deleted_record_is_gone(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"))
        await stage.store.delete_record("r", None, stage.now)
        assert await stage.record_is_gone("r")
        assert await is_gone(stage.store.delete_record("r", None, stage.now))

    async def test_a_deleted_key_is_gone(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1", b="2"))
        await stage.store.delete_value("r", "a", stage.now)
        assert (await stage.store.record("r", None, stage.now)).values == text_values(b="2")
        assert await is_gone(stage.store.delete_value("r", "a", stage.now))
        assert await is_gone(stage.store.delete_value("s", "a", stage.now))

    async def test_an_expired_record_cannot_be_deleted_or_changed(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), ttl=30)
        stage.wait(30)
        assert await is_gone(stage.store.delete_record("r", None, stage.now))
        assert await is_gone(stage.store.delete_value("r", "a", stage.now))
        assert await is_gone(_merge(stage, "r", text_values(b="2")))


class MergeContract:
    async def test_keys_are_set_and_the_others_stay(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1", b="2"))
        await _merge(stage, "r", text_values(b="3", c="4"))
        values = (await stage.store.record("r", None, stage.now)).values
        assert values == text_values(a="1", b="3", c="4")

    async def test_a_string_may_become_a_file_and_back(self, stage: Stage) -> None:
        await _put(stage, "r", {"a": Value(b"x")})
        await _merge(stage, "r", {"a": Value(b"x", "text/plain")})
        assert await stage.store.value("r", "a", stage.now) == Value(b"x", "text/plain")
        await _merge(stage, "r", {"a": Value(b"x")})
        assert await stage.store.value("r", "a", stage.now) == Value(b"x")

    async def test_without_a_ttl_the_time_goes_on(self, stage: Stage) -> None:
        await _put(stage, "r", {}, ttl=30)
        stage.wait(10)
        await _merge(stage, "r", {})
        assert (await stage.store.record("r", None, stage.now)).expires_at == stage.now + 20 * SECOND

    async def test_a_ttl_starts_the_time_again(self, stage: Stage) -> None:
        await _put(stage, "r", {}, ttl=30)
        stage.wait(10)
        await _merge(stage, "r", {}, ttl=5)
        assert (await stage.store.record("r", None, stage.now)).expires_at == stage.now + 5 * SECOND

    async def test_as_many_keys_as_allowed_are_kept(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"))
        await _merge(stage, "r", text_values(a="2", b="3"), max_fields=2)
        assert (await stage.store.record("r", None, stage.now)).values == text_values(a="2", b="3")

    async def test_one_key_too_many_is_refused_and_nothing_is_stored(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), ttl=30)
        before = await stage.store.record("r", None, stage.now)
        with pytest.raises(Conflict):
            await _merge(stage, "r", text_values(a="2", b="3", c="4"), ttl=60, max_fields=2)
        assert await stage.store.record("r", None, stage.now) == before

    async def test_many_merges_at_once_lose_no_key(self, stage: Stage) -> None:
        await _put(stage, "r", {})
        await asyncio.gather(*(_merge(stage, "r", text_values(**{f"k{n}": "v"})) for n in range(20)))
        assert len((await stage.store.record("r", None, stage.now)).values) == 20


class OwnerContract:
    async def test_an_owner_finds_the_record(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), owner="anna", ttl=30)
        found = await stage.store.record("r", "anna", stage.now)
        assert found == Record("r", "anna", stage.now + 30 * SECOND, text_values(a="1"))

    @pytest.mark.parametrize("other", [None, "ben", "", "Anna"])
    async def test_no_one_else_sees_overwrites_or_deletes_it(self, stage: Stage, other: str | None) -> None:
        await _put(stage, "r", text_values(a="1"), owner="anna")
        assert await is_gone(stage.store.record("r", other, stage.now))
        assert await is_gone(_put(stage, "r", text_values(b="2"), owner=other))
        assert await is_gone(stage.store.delete_record("r", other, stage.now))
        assert (await stage.store.record("r", "anna", stage.now)).values == text_values(a="1")

    async def test_an_owner_does_not_get_a_record_without_one(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"))
        with pytest.raises(NotFound):
            await stage.store.record("r", "anna", stage.now)
        with pytest.raises(NotFound):
            await _put(stage, "r", {}, owner="anna")

    async def test_single_values_are_read_and_changed_only_without_an_owner(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), owner="anna")
        assert await is_gone(stage.store.value("r", "a", stage.now))
        assert await is_gone(stage.store.delete_value("r", "a", stage.now))
        assert await is_gone(_merge(stage, "r", text_values(b="2")))

    async def test_after_its_time_another_may_take_the_id(self, stage: Stage) -> None:
        await _put(stage, "r", text_values(a="1"), owner="anna", ttl=30)
        stage.wait(30)
        await _put(stage, "r", text_values(b="2"), owner="ben")
        assert (await stage.store.record("r", "ben", stage.now)).values == text_values(b="2")


async def _put(
    stage: Stage, record_id: str, values: Values, *, owner: str | None = None, ttl: int = 60
) -> None:
    await stage.store.put_record(record_id, owner, values, ttl * SECOND, stage.now)


async def _merge(
    stage: Stage, record_id: str, values: Values, *, ttl: int | None = None, max_fields: int = 256
) -> None:
    milliseconds = None if ttl is None else ttl * SECOND
    await stage.store.merge_record(record_id, values, milliseconds, max_fields, stage.now)
