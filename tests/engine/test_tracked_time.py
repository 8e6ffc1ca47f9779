"""For how long a check would decide the same: random checks, and each way in which one may look at the time."""

from __future__ import annotations

import copy  # noqa: F401  written in a condition
import math  # noqa: F401  written in a condition
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.core.checks import Check, Verdict, failed, passed, unknown
from collector.core.errors import Unread
from collector.engine.evaluation import evaluate, outcome
from collector.engine.time_use import HORIZON

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STEP = timedelta(microseconds=1)


def a_check(judge: Callable[[datetime], Verdict]) -> Check[...]:
    """Return a check that is given the time and no evidence."""

    def with_keyword(*, now: datetime) -> Verdict:
        return judge(now)

    return Check("a_check", "A check", "low", "Mend it", None, (), (), True, with_keyword)


def holds(judge: Callable[[datetime], Any], now: datetime = NOW) -> timedelta | None:
    """Return for how long the status of a check with this condition holds; None: for ever."""
    evaluated = evaluate(a_check(lambda at: passed() if judge(at) else failed("no")), {}, now, limits={})
    return None if evaluated.holds_until is None else evaluated.holds_until - now


def _condition(text: str) -> Callable[[datetime], Any]:
    """Return a condition on the time as it is written in a check."""
    code = compile(text, "a condition", "eval")
    return lambda now: eval(code, globals() | {"now": now})  # noqa: S307  written below


CREATED = NOW - timedelta(days=10, hours=1)
ENDS = NOW + timedelta(days=5)
LEFT = timedelta(days=80) - timedelta(hours=1)
"""From NOW until CREATED is 90 days old."""


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        ("now - CREATED < 90 * DAY", LEFT),
        ("now - CREATED <= 90 * DAY", LEFT + STEP),
        ("now - CREATED > 90 * DAY", LEFT + STEP),
        ("now - CREATED >= 90 * DAY", LEFT),
        ("90 * DAY > now - CREATED", LEFT),
        ("90 * DAY >= now - CREATED", LEFT + STEP),
        ("now - CREATED == 90 * DAY", LEFT),
        ("now - CREATED != 90 * DAY", LEFT),
        ("now == NOW", STEP),
        ("ENDS > now", ENDS - NOW),
        ("ENDS >= now", ENDS - NOW + STEP),
        ("now < ENDS", ENDS - NOW),
        ("ENDS - now > 2 * DAY", 3 * DAY),
        ("ENDS - now >= 2 * DAY", 3 * DAY + STEP),
        ("now - 90 * DAY > CREATED", LEFT + STEP),
        ("now + 2 * DAY < ENDS", 3 * DAY),
        ("CREATED + (now - CREATED) < ENDS", ENDS - NOW),
        ("sum((now - at for at in (CREATED, CREATED)), timedelta()) < 180 * DAY", LEFT),
        ("abs(now - ENDS) > DAY", 4 * DAY),
        ("bool(now - ENDS)", 5 * DAY),
        ("max(now - CREATED, now - ENDS) < 90 * DAY", LEFT),
        ("max(now, ENDS) == ENDS", 5 * DAY),
        ("sorted([ENDS, now])[0] is now", 5 * DAY),
        ("any(now - at > 90 * DAY for at in (ENDS, CREATED))", LEFT + STEP),
        ("(now - CREATED).days > 90", LEFT + DAY),
        ("(now - CREATED).days >= 90", LEFT),
        ("(now - CREATED) // DAY < 90", LEFT),
        ("(now - CREATED) / DAY < 90", LEFT),
        ("(now - CREATED).total_seconds() / 86_400 < 90", LEFT),
        ("(now.timestamp() - CREATED.timestamp()) / 86_400 < 90", LEFT),
        ("90 - (now - CREATED).days > 0", LEFT),
        ("(ENDS - now).days < 3", 2 * DAY + STEP),
        ("round((now - CREATED) / DAY) < 90", LEFT - DAY / 2),
        ("math.ceil((now - CREATED) / DAY) < 90", LEFT - DAY + STEP),
        ("int((now - CREATED) / DAY) < 90", timedelta(hours=23)),
        ("(now - CREATED).days in {1, 2}", timedelta(hours=23)),
        ('"x" * (now - CREATED).days == ""', timedelta(hours=23)),
        ("(now - CREATED).days % 2", timedelta(hours=23)),
        ("365 % (now - CREATED).days", timedelta(hours=23)),
        ("max((now - at).days for at in (CREATED, ENDS)) > 5", timedelta(hours=23)),
        ('int("%d" % (now - CREATED).days) > 90', timedelta(hours=23)),
    ],
)
def test_a_comparison_holds_until_it_comes_out_otherwise(condition: str, after: timedelta) -> None:
    """To the microsecond: a verdict that is kept for one too many is a wrong one."""
    assert holds(_condition(condition)) == after


@pytest.mark.parametrize(
    "condition",
    [
        "now.date() > CREATED.date()",
        "now.hour < 13",
        "now.weekday() < 5",
        "now.replace(hour=0) > CREATED",
        "(now - CREATED).seconds > 5",
        "(now - CREATED) % DAY > timedelta(hours=2)",
        "now in {CREATED}",
        "{now - CREATED: 1}",
        "copy.copy(now) > CREATED",
        "copy.deepcopy([now])[0] > CREATED",
        "datetime.fromisoformat(now.isoformat()) > CREATED",
        'str(now).startswith("2026")',
        'len(f"{(now - CREATED).days}") < 3',
        "timedelta(days=(now - CREATED).days) < 90 * DAY",
        'now.astimezone(ZoneInfo("Europe/Zurich")) > CREATED',
        "type(now) is datetime",
    ],
)
def test_what_is_no_comparison_with_the_time_is_judged_again(condition: str) -> None:
    """Not knowing until when costs a judgement; guessing would cost a wrong verdict."""
    assert holds(_condition(condition)) == timedelta()


def test_a_time_that_is_not_looked_at_is_no_bound() -> None:
    """Most of the checks that take the time look at it only for what is old enough to matter."""
    assert holds(lambda now: isinstance(now, datetime)) is None
    assert holds(lambda now: now - CREATED > 5 * DAY) == HORIZON
    assert holds(lambda now: now - now == timedelta()) is None


def test_only_a_fixed_offset_to_utc_is_tracked() -> None:
    """The clock of a zone with a summer time does not go evenly, and no clock goes beyond the year 9999."""
    assert holds(lambda now: now < ENDS, NOW.astimezone(timezone(timedelta(hours=2)))) == ENDS - NOW
    assert holds(lambda now: now < ENDS, NOW.astimezone(ZoneInfo("Europe/Zurich"))) == timedelta()
    late = datetime(9990, 1, 1, tzinfo=UTC)
    assert holds(lambda now: now > ENDS, late) == timedelta()
    assert holds(lambda now: now + timedelta(days=2_900_000) > ENDS) == timedelta()


def test_a_check_that_breaks_is_judged_again() -> None:
    """What broke it may not be there the next time."""
    evaluated = evaluate(
        a_check(lambda now: passed() if now < NOW.replace(tzinfo=None) else failed("")), {}, NOW, limits={}
    )

    assert evaluated.trace is not None
    assert evaluated.judges_again


def test_what_is_not_there_holds_as_long_as_the_time_does() -> None:
    """An unknown for a missing part is a verdict like others."""

    def judge(now: datetime) -> Verdict:
        if now < ENDS:
            message = "the part was refused"
            raise Unread(message)
        return passed()

    evaluated = evaluate(a_check(judge), {}, NOW, limits={})

    assert evaluated.verdict == unknown("the part was refused")
    assert evaluated.holds_until == ENDS


def test_the_reason_holds_until_its_text_is_another_one() -> None:
    """A status that holds for months has a reason that names the days."""

    def judge(now: datetime) -> Verdict:
        age = now - CREATED
        return failed(f"{age.days:>4} days old") if age < 90 * DAY else passed()

    evaluated = evaluate(a_check(judge), {}, NOW, limits={})

    assert evaluated.verdict == failed("  10 days old")
    assert evaluated.holds_until == NOW + LEFT
    assert evaluated.reason_until == NOW + timedelta(hours=23)


def test_a_reason_with_a_fraction_may_be_another_one_at_once() -> None:
    """Only of whole numbers it is known until when their text stays."""
    evaluated = evaluate(a_check(lambda now: passed(f"{(now - CREATED) / DAY:.0f} days")), {}, NOW, limits={})

    assert evaluated.verdict == passed("10 days")
    assert evaluated.holds_until == NOW + HORIZON
    assert evaluated.reason_until == NOW


@pytest.mark.parametrize(
    "verdict",
    [
        "passed() if str((now - CREATED).days) > '5' else failed('no')",
        "failed(f'{(now - CREATED).days} days'[:1])",
        "failed(f'{now - CREATED}'.upper())",
        "failed('old' if f'{(now - CREATED).days} days' else 'new')",
    ],
)
def test_a_text_that_does_not_stand_in_the_reason_may_have_decided(verdict: str) -> None:
    """A text made of the time can be compared, cut and counted like any other, and no method is called for it."""
    assert evaluate(a_check(_condition(verdict)), {}, NOW, limits={}).judges_again


def test_another_status_for_the_same_reason_is_another_verdict() -> None:
    """The tracked call is believed only where it comes to what the ordinary call said."""
    check = a_check(lambda now: (passed if type(now) is datetime else failed)("as it is"))

    evaluated = evaluate(check, {}, NOW, limits={})

    assert evaluated.verdict == passed("as it is")
    assert evaluated.judges_again


def test_a_check_that_remembers_is_judged_again() -> None:
    """The two calls of an evaluation do not agree, and nothing is believed of either."""
    calls: list[datetime] = []

    def judge(now: datetime) -> Verdict:
        calls.append(now)
        return passed() if len(calls) % 2 and now < ENDS else failed("again")

    evaluated = evaluate(a_check(judge), {}, NOW, limits={})

    assert evaluated.verdict == passed()
    assert evaluated.judges_again


def test_a_value_that_outlives_its_call_is_written_as_it_is() -> None:
    """A helper with a cache may hand it to an ordinary call."""
    kept: list[Any] = []

    def judge(now: datetime) -> Verdict:
        kept.append((now - CREATED).days)
        return passed(f"{kept[0]} days")

    check = a_check(judge)
    kept.clear()
    evaluate(check, {}, NOW, limits={})

    assert outcome(check, {"now": NOW})[0] == passed("10 days")
    assert str(kept[1]) == "10"


# Random checks: each kind of expression is made of parts after a $, which are made in turn.
GRAMMAR = {
    "size": [
        *("0", "1", "2", "-1", "999_999", "1_000_000", "3_600_000_000", "86_399_999_999", "86_400_000_000"),
        "-86_400_000_000",
    ],
    "span": ["timedelta(microseconds=$size)"],
    "time": ["(NOW + $span)"],
    "whole": ["0", "1", "(-1)", "2", "(-3)", "5"],
    "number": ["$whole", "0.5", "(-1.5)", "86_400", "1e6", "0.1"],
    "order": ["<", "<=", ">", ">=", "==", "!="],
    "moment": [
        "now",
        "$time", "(now + $span)", "($moment - $span)", "max($moment, $time)", "min($moment, $time)",
    ],
    "age": [
        *("(now - $time)", "($time - now)", "($moment - $moment)", "($age + $age)", "($age - $age)"),
        *("($span - $age)", "(-$age)", "abs($age)", "($age * $whole)", "($age * $number)"),
        *("($age % timedelta(hours=5))", "max($age, $age)", "sum([$age, $age], timedelta())"),
        "($time - $age - NOW)",
    ],
    "count": [
        *("$age.days", "$age.total_seconds()", "($age // timedelta(hours=7))", "($age / timedelta(days=-1))"),
        *("(now.timestamp() - NOW.timestamp())", "now.hour", "$age.seconds"),
        *("($count + $number)", "($number - $count)", "($count * $number)", "($number * $count)"),
        *("($count / 3)", "($count // -2)", "($count % 3)", "($count + $count)", "($count - $count)"),
        *("(-$count)", "abs($count)", "int($count)", "round($count)", "round($count, 1)", "math.floor($count)"),
        *("math.ceil($count)", "max($count, $count)", "(5 / ($count or 1))"),
        *("len(range(int($count)))", "float($count)"),
    ],
    "condition": [
        *("($moment $order $moment)", "($age $order $span)", "($span $order $age)", "($age $order $age)"),
        *("($count $order $number)", "($number $order $count)", "($count $order $count)"),
        *("bool($age)", "bool($count)", "($count in {0, 1, 2})", "($age in ($span, $span))"),
        *("($condition and $condition)", "($condition or $condition)", "(not $condition)"),
        *("any([$condition, $condition])", "all(part for part in ($condition, $condition))"),
        "($condition if $condition else $condition)",
    ],
    "text": ["'plain'", "'{} days'.format($count)", "'{}'.format($age)", "str($moment)"],
}  # fmt: skip
_PART = re.compile(r"\$(\w+)")


@st.composite
def a_text_of(draw: st.DrawFn, kind: str, depth: int = 4) -> str:
    """Return an expression of a kind; past a depth, one that is made of the simplest parts."""
    template = draw(st.sampled_from(GRAMMAR[kind])) if depth > 0 else GRAMMAR[kind][0]
    return _PART.sub(lambda part: draw(a_text_of(part[1], depth - 1)), template)


LATER = st.one_of(st.integers(0, 10**6), st.integers(0, 6 * 86_400 * 10**6), st.integers(0, HORIZON // STEP - 1))


@given(condition=a_text_of("condition"), text=a_text_of("text"), later=st.lists(LATER, min_size=6, max_size=6))
@example(condition="(now - NOW).days < 1", text="'plain'", later=[86_400 * 10**6 - 1])
@settings(max_examples=400, deadline=None)
def test_a_verdict_that_holds_is_the_verdict_of_a_fresh_call(condition: str, text: str, later: list[int]) -> None:
    """Whatever a check is made of, a kept status is never another one than judging again would give."""
    _holds_as_it_says(condition, text, later)


@pytest.mark.deep
@given(condition=a_text_of("condition"), text=a_text_of("text"), later=st.lists(LATER, min_size=20, max_size=20))
@settings(max_examples=4_000, deadline=None)
def test_many_verdicts_that_hold_are_those_of_a_fresh_call(condition: str, text: str, later: list[int]) -> None:
    """The same, many times."""
    _holds_as_it_says(condition, text, later)


def _holds_as_it_says(condition: str, text: str, later: list[int]) -> None:
    decides, writes = _condition(condition), _condition(text)
    check = a_check(lambda now: (passed if decides(now) else failed)(writes(now)))

    evaluated = evaluate(check, {}, NOW, limits={})

    fresh, trace = outcome(check, {"now": NOW})
    assert evaluated.verdict == fresh
    assert trace is None or evaluated.judges_again
    until = evaluated.holds_until or NOW + HORIZON
    before = until - STEP
    for at in (*(NOW + step * STEP for step in later), before):
        fresh, _ = outcome(check, {"now": at})
        if NOW <= at < until:
            assert fresh.status is evaluated.verdict.status, (at - NOW, until - NOW)
        if NOW <= at < (evaluated.reason_until or NOW + HORIZON):
            assert fresh == evaluated.verdict, (at - NOW, until - NOW)
