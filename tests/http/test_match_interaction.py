"""match-interaction: which session does a call belong to, and what becomes of it?"""

import pytest

from matchline.wire import REQUEST_ID

from .api import BOOKING, CALLER, COOLDOWN, GRACE, LATE_GRACE, NUMBERS, SHARED, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio


# What is answered


async def test_a_match_answers_the_session_and_its_data_id(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    answer = body(await api.match(session["_access_number"]))
    assert answer == {"_id": session["_id"], "_data_id": session["_data_id"]}


@pytest.mark.parametrize("flag", ["_return_user_data", "_return_data"])
async def test_user_data_comes_under_either_spelling_of_its_flag(api: Api, flag: str) -> None:
    session = await api.reserve(customer="Ada", note="")
    answer = body(await api.match(session["_access_number"], **{flag: "true"}))
    assert answer["user_data"] == {"customer": "Ada", "note": ""}


async def test_one_spelling_of_the_flag_does_not_turn_the_other_off(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    answer = body(await api.match(session["_access_number"], _return_user_data="false", _return_data="true"))
    assert answer["user_data"] == {"customer": "Ada"}


async def test_a_session_without_data_has_an_empty_map(api: Api) -> None:
    session = await api.reserve()
    assert body(await api.match(session["_access_number"], _return_user_data="true"))["user_data"] == {}


async def test_a_file_in_the_data_shows_as_the_address_of_its_bytes(api: Api) -> None:
    photo = b"\x89PNG\r\n\x00\xff"
    session = body(
        await api.post("/service/request-interaction", files={"photo": ("me.png", photo, "image/png")})
    )
    found = body(await api.match(session["_access_number"], _return_user_data="true"))
    address = found["user_data"]["photo"]
    assert address.startswith("http://matchline.local/genesys/1/storage/binary/")
    assert (await api.get(address)).content == photo


@pytest.mark.parametrize("given", [{}, {"_access_number": ""}])
async def test_without_a_called_number_it_is_refused_by_name(api: Api, given: dict[str, str]) -> None:
    assert "_access_number" in fault(await api.ask("match-interaction", given), 400, "BadParameter")


async def test_a_number_that_is_not_configured_matches_nothing(api: Api) -> None:
    await api.reserve()
    fault(await api.match("+18005550999"), 404, "NoMatch")


# The reading of numbers (rules 1 and 2)


@pytest.mark.parametrize(
    "spelling",
    [
        "+18005550100",
        "18005550100",
        "8005550100",
        "(800) 555-0100",
        "011 1 800 555 0100",
        "tel:+1-800-555-0100;phone-context=example.com",
        "sip:+18005550100@pbx.example.com;transport=udp",
        "<sip:18005550100@10.0.0.1>",
    ],
)
async def test_the_called_number_is_found_under_every_spelling(api: Api, spelling: str) -> None:
    session = await api.reserve()
    assert body(await api.match(spelling))["_id"] == session["_id"]


@pytest.mark.parametrize("spelling", ["415-555-0123", "14155550123", "tel:+14155550123", "sip:4155550123@x"])
async def test_the_caller_is_the_same_under_every_spelling(api: Api, spelling: str) -> None:
    session = await api.reserve(_phone_number=CALLER)
    assert body(await api.match(session["_access_number"], _phone_number=spelling))["_id"] == session["_id"]


@pytest.mark.parametrize(
    "caller", ["", "anonymous", "Anonymous", "0000", "266696687", "sip:anonymous@anonymous.invalid", "N/A"]
)
async def test_an_anonymous_caller_counts_as_absent_and_equals_no_other(api: Api, caller: str) -> None:
    session = await api.reserve(_phone_number=CALLER)
    assert body(await api.match(session["_access_number"], _phone_number=caller))["_id"] == session["_id"]
    await api.reserve(_resource_group="SHARED", _phone_number=caller, _provide_code="true")
    refused = await api.match(SHARED, _phone_number=caller)
    fault(refused, 409, "CodeNeeded")


async def test_an_alias_finds_the_number_it_stands_for(api: Api) -> None:
    await api.configure("resources.DNIS", _aliases=f"4711={NUMBERS[0]}")
    session = await api.reserve()
    assert body(await api.match("4711"))["_id"] == session["_id"]


# Who is excluded (rules 7 and 8)


async def test_another_caller_does_not_get_the_session(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER)
    fault(await api.match(session["_access_number"], _phone_number=STRANGER), 404, "NoMatch")
    body(await api.match(session["_access_number"], _phone_number=CALLER))


async def test_a_caller_is_neutral_for_a_session_without_a_phone(api: Api) -> None:
    session = await api.reserve()
    assert body(await api.match(session["_access_number"], _phone_number=STRANGER))["_id"] == session["_id"]


async def test_a_wrong_code_never_falls_back_to_the_phone(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER, _provide_code="true")
    wrong = str((int(session["_access_code"]) + 1) % 10**6).zfill(6)
    refused = await api.match(session["_access_number"], _phone_number=CALLER, _access_code=wrong)
    fault(refused, 404, "NoMatch")


async def test_a_code_excludes_a_session_that_has_none(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER)
    refused = await api.match(session["_access_number"], _phone_number=CALLER, _access_code="123456")
    fault(refused, 404, "NoMatch")


@pytest.mark.parametrize("keyed", ["{}#", " {} ", "{}*", "-{}-"])
async def test_a_code_is_read_without_what_callers_key_around_it(api: Api, keyed: str) -> None:
    session = await api.reserve(_resource_group="SHARED", _provide_code="true")
    answer = body(await api.match(SHARED, _access_code=keyed.format(session["_access_code"])))
    assert answer["_id"] == session["_id"]


async def test_full_width_digits_are_digits(api: Api) -> None:
    session = await api.reserve(_resource_group="SHARED", _provide_code="true")
    wide = "".join(chr(ord("\uff10") + int(digit)) for digit in session["_access_code"])
    assert body(await api.match(SHARED, _access_code=wide))["_id"] == session["_id"]


async def test_a_shared_number_alone_needs_the_code_and_tells_its_length(api: Api) -> None:
    session = await api.reserve(_resource_group="SHARED", _provide_code="true", _access_code_length="8")
    refused = await api.match(SHARED)
    fault(refused, 409, "CodeNeeded")
    assert refused.json()["_digits"] == "8"
    assert session["_id"] not in refused.text
    assert session["_data_id"] not in refused.text


async def test_a_stranger_on_a_shared_number_does_not_get_the_only_session(api: Api) -> None:
    await api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    fault(await api.match(SHARED, _phone_number=STRANGER), 404, "NoMatch")
    fault(await api.match(SHARED), 404, "NoMatch")


async def test_the_phone_finds_its_session_on_a_shared_number_without_the_code(api: Api) -> None:
    session = await api.reserve(_resource_group="SHARED", _provide_code="true", _phone_number=CALLER)
    await api.reserve(_resource_group="SHARED", _provide_code="true", _phone_number=STRANGER)
    assert body(await api.match(SHARED, _phone_number=CALLER))["_id"] == session["_id"]


async def test_code_and_phone_outrank_the_code_of_a_session_without_a_phone(api: Api) -> None:
    """A code is unique per number, so the ranks meet on two numbers of one spelling only; here: code alone."""
    known = await api.reserve(_resource_group="SHARED", _provide_code="true", _phone_number=CALLER)
    unknown = await api.reserve(_resource_group="SHARED", _provide_code="true")
    code = unknown["_access_code"]
    assert body(await api.match(SHARED, _access_code=code, _phone_number=CALLER))["_id"] == unknown["_id"]
    assert body(await api.match(SHARED, _phone_number=CALLER))["_id"] == known["_id"]


# Ambiguity (rule 10)


async def test_a_tie_is_refused_shows_nobody_and_releases_nothing(api: Api) -> None:
    sessions = [
        await api.reserve(_resource_group="SHARED", _phone_number=CALLER, _provide_code="true")
        for _ in range(2)
    ]
    refused = await api.match(SHARED, _phone_number=CALLER, _return_user_data="true", _delete_service="true")
    fault(refused, 409, "AmbiguousMatch")
    assert refused.json()["_digits"] == "6"
    for session in sessions:
        assert session["_id"] not in refused.text
        assert session["_data_id"] not in refused.text
        assert body(await api.match(SHARED, _access_code=session["_access_code"]))["_id"] == session["_id"]


async def test_a_tie_that_no_code_would_settle_asks_for_no_digits(api: Api) -> None:
    for _ in range(2):
        await api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    refused = await api.match(SHARED, _phone_number=CALLER)
    fault(refused, 409, "AmbiguousMatch")
    assert "_digits" not in refused.json()


# Several matches


async def test_multiple_matches_come_as_an_array_best_first(api: Api) -> None:
    other = await api.reserve(_resource_group="SHARED", _provide_code="true", basket="2")
    own = await api.reserve(_resource_group="SHARED", _phone_number=CALLER, basket="1")
    answer = body(
        await api.match(SHARED, _phone_number=CALLER, _return_multiple_matches="true", _return_data="true")
    )
    assert answer == {
        "matches": [
            {"_id": own["_id"], "_data_id": own["_data_id"], "user_data": {"basket": "1"}},
            {"_id": other["_id"], "_data_id": other["_data_id"], "user_data": {"basket": "2"}},
        ]
    }


async def test_the_array_comes_for_one_match_too(api: Api) -> None:
    session = await api.reserve()
    answer = body(await api.match(session["_access_number"], _return_multiple_matches="true"))
    assert answer == {"matches": [{"_id": session["_id"], "_data_id": session["_data_id"]}]}


async def test_no_match_is_404_in_the_array_form_too(api: Api) -> None:
    fault(await api.match(NUMBERS[0], _return_multiple_matches="true"), 404, "NoMatch")


async def test_an_excluded_session_is_not_among_multiple_matches(api: Api) -> None:
    await api.reserve(_resource_group="SHARED", _phone_number=STRANGER)
    own = await api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    answer = body(await api.match(SHARED, _phone_number=CALLER, _return_multiple_matches="true"))
    assert [each["_id"] for each in answer["matches"]] == [own["_id"]]


async def test_every_returned_match_is_released(api: Api) -> None:
    for _ in range(3):
        await api.reserve(_resource_group="SHARED")
    assert len(body(await api.match(SHARED, _return_multiple_matches="true"))["matches"]) == 3
    fault(await api.match(SHARED, _return_multiple_matches="true"), 404, "NoMatch")


async def test_every_returned_match_is_deleted_when_asked(api: Api) -> None:
    sessions = [await api.reserve(_resource_group="SHARED", basket=basket) for basket in "12"]
    answer = body(
        await api.match(
            SHARED, _return_multiple_matches="true", _delete_service="true", _return_user_data="true"
        )
    )
    assert {each["user_data"]["basket"] for each in answer["matches"]} == {"1", "2"}
    for session in sessions:
        fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")
        fault(await api.get(f"/storage/{session['_data_id']}"), 404, "UnknownRecord")


# Release


async def test_a_matched_number_goes_back_at_once_and_matches_no_more(api: Api) -> None:
    session = await api.reserve()
    body(await api.match(session["_access_number"]))
    assert await api.pool() == {"free": "3", "reserved": "0", "cooling": "0"}
    fault(await api.match(session["_access_number"]), 404, "NoMatch")


async def test_session_and_data_live_on_after_a_match(api: Api) -> None:
    session = await api.reserve(_ttl="30", customer="Ada")
    body(await api.match(session["_access_number"]))
    api.clock.advance(299)
    assert body(await api.get(f"/service/{session['_id']}"))["_state"] == "matched"
    assert body(await api.get(f"/storage/{session['_data_id']}")) == {"customer": "Ada"}
    api.clock.advance(1)
    fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")


async def test_a_match_does_not_shorten_a_long_life(api: Api) -> None:
    session = await api.reserve(_ttl="3600")
    body(await api.match(session["_access_number"]))
    assert body(await api.get(f"/service/{session['_id']}"))["_ttl_left"] == "3600"


async def test_delete_service_deletes_session_and_data_once_answered(api: Api) -> None:
    session = await api.reserve(_ttl="3600", customer="Ada")
    answer = body(await api.match(session["_access_number"], _delete_service="true", _return_data="true"))
    assert answer["user_data"] == {"customer": "Ada"}
    fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")
    fault(await api.get(f"/storage/{session['_data_id']}"), 404, "UnknownRecord")
    assert (await api.pool())["free"] == "3"


async def test_an_expired_reservation_matches_no_more(api: Api) -> None:
    session = await api.reserve(_ttl="600")
    api.clock.advance(BOOKING)
    fault(await api.match(session["_access_number"]), 404, "NoMatch")


# Late calls


async def test_a_call_in_the_grace_window_matches_late(api: Api) -> None:
    session = await api.reserve(_resource_group="GRACE", customer="Ada")
    api.clock.advance(BOOKING + LATE_GRACE - 0.001)
    answer = body(await api.match(GRACE, _return_user_data="true"))
    assert (answer["_id"], answer["_late"]) == (session["_id"], "true")
    assert answer["user_data"] == {"customer": "Ada"}


async def test_a_call_after_the_grace_window_does_not_match(api: Api) -> None:
    await api.reserve(_resource_group="GRACE", _ttl="600")
    api.clock.advance(BOOKING + LATE_GRACE)
    fault(await api.match(GRACE), 404, "NoMatch")


async def test_no_other_session_is_given_a_slot_that_a_late_call_could_still_mean(api: Api) -> None:
    await api.reserve(_resource_group="GRACE")
    api.clock.advance(BOOKING + COOLDOWN - 0.001)
    fault(await api.ask("request-interaction", {"_resource_group": "GRACE"}), 503, "NumbersExhausted")
    api.clock.advance(0.001)
    await api.reserve(_resource_group="GRACE")


# Reasons


async def test_reasons_are_told_when_asked(api: Api) -> None:
    session = await api.reserve()
    answer = body(await api.match(session["_access_number"], _return_reason="true"))
    assert answer["_reason"] == "matched"
    refused = await api.match(session["_access_number"], _return_reason="true")
    assert refused.json()["_reason"] == "no-match"


async def test_a_late_match_has_a_reason_of_its_own(api: Api) -> None:
    await api.reserve(_resource_group="GRACE")
    api.clock.advance(BOOKING)
    assert body(await api.match(GRACE, _return_reason="true"))["_reason"] == "late"


async def test_refusals_for_want_of_a_code_and_for_a_tie_have_their_reasons(api: Api) -> None:
    await api.reserve(_resource_group="SHARED", _provide_code="true")
    assert (await api.match(SHARED, _return_reason="true")).json()["_reason"] == "code-needed"
    for _ in range(2):
        await api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    tie = await api.match(SHARED, _phone_number=CALLER, _return_reason="true")
    assert tie.json()["_reason"] == "ambiguous"


async def test_no_reason_is_told_unasked(api: Api) -> None:
    assert "_reason" not in (await api.match(NUMBERS[0])).json()


async def test_wrong_expired_and_unknown_codes_give_the_same_answer(api: Api) -> None:
    expired = await api.reserve(_resource_group="SHARED", _provide_code="true")
    api.clock.advance(BOOKING)
    used = await api.reserve(_resource_group="SHARED", _provide_code="true")
    body(await api.match(SHARED, _access_code=used["_access_code"]))
    await api.reserve(_resource_group="SHARED", _provide_code="true")
    api.client.headers[REQUEST_ID] = "the-same"
    answers = {
        (refused.status_code, refused.text)
        for code in (expired["_access_code"], used["_access_code"], "000", "12345678901234567890", "abc")
        for refused in [await api.match(SHARED, _access_code=code, _return_reason="true")]
    }
    assert len(answers) == 1


# The call's own id (rule 12)


async def test_the_same_call_gets_the_same_answer_again(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    number = session["_access_number"]
    first = body(await api.match(number, _call_id="c1", _return_user_data="true"))
    assert body(await api.match(number, _call_id="c1", _return_user_data="true")) == first
    assert "user_data" not in body(await api.match(number, _call_id="c1")), "flags apply afresh"
    fault(await api.match(number, _call_id="c2"), 404, "NoMatch")


async def test_the_same_call_keeps_its_session_after_the_number_is_given_out_again(api: Api) -> None:
    first = await api.reserve()
    number = first["_access_number"]
    body(await api.match(number, _call_id="c1"))
    for _ in NUMBERS:
        last = await api.reserve()
    assert last["_access_number"] == number
    assert body(await api.match(number, _call_id="c1"))["_id"] == first["_id"]
    assert body(await api.match(number, _call_id="c2"))["_id"] == last["_id"]


async def test_a_contradicting_phone_does_not_get_the_call_s_answer(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER)
    number = session["_access_number"]
    body(await api.match(number, _call_id="c1", _phone_number=CALLER))
    fault(await api.match(number, _call_id="c1", _phone_number=STRANGER), 404, "NoMatch")


async def test_a_deleted_session_s_data_is_given_to_the_same_call_for_a_minute(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    number = session["_access_number"]
    asked = {"_call_id": "c1", "_return_user_data": "true"}
    body(await api.match(number, **asked, _delete_service="true"))
    fault(await api.get(f"/storage/{session['_data_id']}"), 404, "UnknownRecord")
    api.clock.advance(59.999)
    assert body(await api.match(number, **asked))["user_data"] == {"customer": "Ada"}
    api.clock.advance(0.001)
    assert body(await api.match(number, **asked))["user_data"] == {}


async def test_the_late_mark_is_repeated_for_the_same_call(api: Api) -> None:
    await api.reserve(_resource_group="GRACE")
    api.clock.advance(BOOKING)
    first = body(await api.match(GRACE, _call_id="c1", _return_reason="true"))
    assert first["_late"] == "true"
    assert body(await api.match(GRACE, _call_id="c1", _return_reason="true")) == first
