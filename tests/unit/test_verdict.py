"""Whose call it is: the decision over what was supplied and who waits (rules 7 to 10)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchline.verdict import (
    Ambiguous,
    Asked,
    Candidate,
    Chosen,
    MatchPolicy,
    NeedsCode,
    NoneMatches,
    Query,
    Rank,
    Refusal,
    RequireCode,
    contradicts,
    decide,
    is_late,
    weigh,
)

SHARED, NEVER, ALWAYS = RequireCode.SHARED, RequireCode.NEVER, RequireCode.ALWAYS


def waiting(
    number: int = 1, *, at: int = 1, shared: bool = False, phone: str | None = None, code: str | None = None
) -> Candidate:
    return Candidate(number, f"s{number}", f"d{number}", at, shared, phone, code, 0, 30)


def asked(phone: str | None = None, code: str | None = None, **policy: bool | RequireCode) -> Query:
    return Query((Asked(1, phone), Asked(2, phone)), code, policy=MatchPolicy(**policy))  # type: ignore[arg-type]


def weight(query: Query, candidate: Candidate) -> Rank | Refusal:
    return weigh(query, query.numbers[0], candidate)


# What speaks for or against one session, by number: session's phone and code, supplied phone and code.
EXCLUSIVE: list[tuple[str | None, str | None, str | None, str | None, Rank | Refusal]] = [
    (None, None, None, None, Rank.NUMBER),
    (None, None, "anna", None, Rank.NUMBER),
    (None, None, None, "1111", Refusal.HAS_NO_CODE),
    (None, None, "anna", "1111", Refusal.HAS_NO_CODE),
    ("anna", None, None, None, Rank.NUMBER),
    ("anna", None, "anna", None, Rank.PHONE),
    ("anna", None, "ben", None, Refusal.OTHER_PHONE),
    ("anna", None, None, "1111", Refusal.HAS_NO_CODE),
    ("anna", None, "anna", "1111", Refusal.HAS_NO_CODE),
    (None, "1111", None, None, Rank.NUMBER),
    (None, "1111", "anna", None, Rank.NUMBER),
    (None, "1111", None, "1111", Rank.CODE),
    (None, "1111", "anna", "1111", Rank.CODE),
    (None, "1111", None, "2222", Refusal.WRONG_CODE),
    ("anna", "1111", None, None, Rank.NUMBER),
    ("anna", "1111", "anna", None, Rank.PHONE),
    ("anna", "1111", "ben", None, Refusal.OTHER_PHONE),
    ("anna", "1111", None, "1111", Rank.CODE),
    ("anna", "1111", "anna", "1111", Rank.CODE_AND_PHONE),
    ("anna", "1111", "ben", "1111", Refusal.OTHER_PHONE),
    ("anna", "1111", "anna", "2222", Refusal.WRONG_CODE),
    ("anna", "1111", "ben", "2222", Refusal.WRONG_CODE),
]

# Where a shared number differs.
PROTECTED: list[tuple[str | None, str | None, str | None, Rank | Refusal]] = [
    (None, None, None, Rank.NUMBER),
    (None, None, "anna", Rank.NUMBER),
    ("anna", None, None, Refusal.NEEDS_PHONE),
    ("anna", None, "anna", Rank.PHONE),
    (None, "1111", None, Refusal.NEEDS_CODE),
    (None, "1111", "anna", Refusal.NEEDS_CODE),
    ("anna", "1111", None, Refusal.NEEDS_CODE),
    ("anna", "1111", "anna", Rank.PHONE),
    ("anna", "1111", "ben", Refusal.OTHER_PHONE),
]


@pytest.mark.parametrize(("phone", "code", "from_phone", "keyed", "expected"), EXCLUSIVE)
def test_what_is_supplied_is_weighed_on_an_exclusive_number(
    phone: str | None, code: str | None, from_phone: str | None, keyed: str | None, expected: Rank | Refusal
) -> None:
    assert weight(asked(from_phone, keyed), waiting(phone=phone, code=code)) is expected


@pytest.mark.parametrize(("phone", "code", "from_phone", "keyed", "expected"), EXCLUSIVE)
def test_without_protection_a_shared_number_is_weighed_like_an_exclusive_one(
    phone: str | None, code: str | None, from_phone: str | None, keyed: str | None, expected: Rank | Refusal
) -> None:
    candidate = waiting(phone=phone, code=code, shared=True)
    assert weight(asked(from_phone, keyed, require_code=NEVER), candidate) is expected
    assert weight(asked(from_phone, keyed, multiple=True), candidate) is expected


@pytest.mark.parametrize(("phone", "code", "from_phone", "expected"), PROTECTED)
def test_a_shared_number_gives_its_sessions_by_code_or_phone_only(
    phone: str | None, code: str | None, from_phone: str | None, expected: Rank | Refusal
) -> None:
    assert weight(asked(from_phone), waiting(phone=phone, code=code, shared=True)) is expected


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("multiple", [True, False])
@pytest.mark.parametrize("from_phone", ["anna", None])
def test_always_asks_for_the_code_of_every_session_that_has_one(
    shared: bool, multiple: bool, from_phone: str | None
) -> None:
    query = asked(from_phone, require_code=ALWAYS, multiple=multiple)
    assert weight(query, waiting(phone="anna", code="1111", shared=shared)) is Refusal.NEEDS_CODE
    assert isinstance(weight(query, waiting(shared=shared)), Rank)


def test_a_right_code_may_override_another_phone_and_only_it() -> None:
    candidate = waiting(phone="anna", code="1111")
    assert weight(asked("ben", "1111", code_overrides_phone=True), candidate) is Rank.CODE
    assert weight(asked("ben", "2222", code_overrides_phone=True), candidate) is Refusal.WRONG_CODE
    assert weight(asked("ben", None, code_overrides_phone=True), candidate) is Refusal.OTHER_PHONE


def test_the_best_rank_wins() -> None:
    both, code, phone, number = (
        waiting(1, phone="anna", code="1111"),
        waiting(2, code="1111"),
        waiting(3, phone="anna"),
        waiting(4),
    )
    assert decide(asked("anna", "1111"), [code, both]) == Chosen((both,))
    assert decide(asked("anna"), [number, phone]) == Chosen((phone,))
    assert decide(asked(), [number]) == Chosen((number,))


def test_a_tie_on_the_best_rank_is_ambiguous() -> None:
    assert decide(asked(), [waiting(1), waiting(2)]) == Ambiguous(None)
    assert decide(asked(), [waiting(1, code="1111"), waiting(2, code="123456")]) == Ambiguous(6)
    assert decide(asked(), [waiting(1), waiting(2, code="123456")]) == Ambiguous(6)
    assert decide(asked(None, "1111"), [waiting(1, code="1111"), waiting(2, code="1111")]) == Ambiguous(None)


def test_the_newest_of_equals_can_be_wanted() -> None:
    old, new = waiting(1), waiting(2)
    assert decide(asked(newest_of_equals=True), [old, new]) == Chosen((new,))


def test_only_sessions_that_need_their_code_are_left() -> None:
    strangers = [waiting(1, shared=True, code="1111"), waiting(2, shared=True, code="123456")]
    assert decide(asked(), strangers) == NeedsCode(6)
    assert decide(asked("ben"), strangers) == NeedsCode(6)
    assert decide(asked(), [waiting(1, shared=True, phone="anna")]) == NoneMatches()


def test_several_are_given_best_first_and_the_newest_first_of_each_rank() -> None:
    candidates = [
        waiting(1, phone="anna"),
        waiting(2),
        waiting(3, phone="anna"),
        waiting(4),
        waiting(5, phone="ben"),
    ]
    decision = decide(asked("anna", multiple=True), candidates)
    assert isinstance(decision, Chosen)
    assert [each.reservation_id for each in decision.candidates] == [3, 1, 4, 2]


def test_a_caller_is_read_for_each_number_apart() -> None:
    query = Query((Asked(1, "anna"), Asked(2, "ben")))
    first, second = waiting(1, at=1, phone="anna"), waiting(2, at=2, phone="anna")
    assert decide(query, [first, second]) == Chosen((first,))


def test_at_the_instant_of_expiry_a_match_is_late() -> None:
    assert not is_late(waiting(), 29)
    assert is_late(waiting(), 30)


phones = st.sampled_from((None, "anna", "ben"))
codes = st.sampled_from((None, "1111", "2222", "123456"))
policies = st.builds(
    MatchPolicy,
    st.sampled_from(RequireCode),
    newest_of_equals=st.booleans(),
    code_overrides_phone=st.booleans(),
    multiple=st.booleans(),
    max_matches=st.integers(1, 4),
)
queries = st.builds(
    lambda phone, other, code, policy: Query((Asked(1, phone), Asked(2, other)), code, policy=policy),
    phones,
    phones,
    codes,
    policies,
)
kinds = st.lists(st.tuples(st.integers(1, 2), st.booleans(), phones, codes), max_size=5)
crowds = st.builds(
    lambda kinds: [
        waiting(number, at=at, shared=shared, phone=phone, code=code)
        for number, (at, shared, phone, code) in enumerate(kinds, start=1)
    ],
    kinds,
)


def asked_at(query: Query, candidate: Candidate) -> Asked:
    return next(each for each in query.numbers if each.number_id == candidate.number_id)


@given(queries, crowds)
def test_no_call_gets_a_session_that_it_contradicts(query: Query, crowd: list[Candidate]) -> None:
    decision = decide(query, crowd)
    for candidate in decision.candidates if isinstance(decision, Chosen) else ():
        supplied = asked_at(query, candidate)
        assert contradicts(query, supplied, candidate.phone, candidate.code) is None
        assert query.code in (None, candidate.code)


@given(queries, crowds)
def test_a_stranger_gets_no_protected_session_of_a_shared_number(
    query: Query, crowd: list[Candidate]
) -> None:
    decision = decide(query, crowd)
    if query.policy.multiple or query.policy.require_code is NEVER or not isinstance(decision, Chosen):
        return
    for candidate in decision.candidates:
        known = query.code is not None or asked_at(query, candidate).phone == candidate.phone is not None
        free = candidate.phone is None and candidate.code is None
        assert known or free or not candidate.shared


@given(queries, crowds)
def test_the_order_in_which_sessions_are_looked_at_makes_no_difference(
    query: Query, crowd: list[Candidate]
) -> None:
    assert len({repr(decide(query, order)) for order in itertools.permutations(crowd[:4])}) == 1


@given(queries, crowds, st.integers(1, 2), st.booleans())
def test_a_session_that_is_contradicted_changes_nothing(
    query: Query, crowd: list[Candidate], at: int, shared: bool
) -> None:
    other = waiting(99, at=at, shared=shared, phone="carl", code="9999")
    if contradicts(query, asked_at(query, other), other.phone, other.code) is not None:
        assert decide(query, [*crowd, other]) == decide(query, crowd)


@given(queries, crowds)
def test_a_single_answer_is_better_than_every_other_unless_the_newest_is_wanted(
    query: Query, crowd: list[Candidate]
) -> None:
    decision = decide(query, crowd)
    if query.policy.multiple or query.policy.newest_of_equals or not isinstance(decision, Chosen):
        return
    (chosen,) = decision.candidates
    best = weigh(query, asked_at(query, chosen), chosen)
    others = (weigh(query, asked_at(query, each), each) for each in crowd if each is not chosen)
    assert isinstance(best, Rank)
    assert all(isinstance(other, Refusal) or best < other for other in others)


@given(queries, crowds)
def test_more_knowledge_never_finds_what_less_knowledge_excluded(
    query: Query, crowd: list[Candidate]
) -> None:
    """A wrong code never falls back to a weaker key (rule 8)."""
    keyed_wrongly = Query(query.numbers, "9999", policy=query.policy)
    assert decide(keyed_wrongly, crowd) == NoneMatches()


@given(queries, crowds)
def test_an_ambiguous_call_or_a_needed_code_shows_no_session(query: Query, crowd: list[Candidate]) -> None:
    decision = decide(query, crowd)
    if isinstance(decision, NeedsCode | Ambiguous) and decision.digits is not None:
        assert decision.digits in {len(each.code or "") for each in crowd}
        assert query.code is None
