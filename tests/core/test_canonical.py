"""Canonical bytes: one sequence for one value, the same as others make, and exact where others round."""

from __future__ import annotations

import hashlib
import json
import math
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from collector.core.canonical import NotCanonicalError, canonical, digest_of, encode, plain, plain_bytes


class Level(IntEnum):
    """An enum of some SDK's."""

    LOW = 3


class Plain(Enum):
    """An enum that is nothing else."""

    ONE = "one"


SAFE = 2**53 - 1
"""The largest integer that RFC 8785 can write."""

texts = st.text(st.characters(codec="utf-8"))
singles = (
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = st.recursive(
    singles, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


def is_large(value: object) -> bool:
    """Whether somewhere there is a float that RFC 8785 would write with an exponent, and we as an exact integer."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) > SAFE
    if isinstance(value, dict):
        return any(is_large(inner) for inner in value.values())
    return isinstance(value, list) and any(is_large(inner) for inner in value)


@given(values.filter(lambda value: not is_large(value)))
def test_bytes_are_those_of_the_standard(value: Any) -> None:
    """An auditor may make them again with any other implementation."""
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_a_value_survives_its_bytes(value: object) -> None:
    """Nothing is lost on the way to the disk."""
    assert json.loads(canonical(value)) == value


@given(values)
def test_bytes_are_made_once_and_for_all(value: object) -> None:
    """Reading and writing again gives the same bytes, so that a digest never moves."""
    once = canonical(value)

    assert canonical(json.loads(once)) == once


@given(st.dictionaries(texts, st.integers(), min_size=2, max_size=6), st.randoms())
def test_the_order_of_keys_in_memory_does_not_matter(value: dict[str, int], random: Any) -> None:
    """Platforms answer in any order; the body is the same."""
    items = list(value.items())
    random.shuffle(items)

    assert canonical(dict(items)) == canonical(value)


@pytest.mark.parametrize("exact", [2**53, 2**53 + 1, -(2**63) - 1, 2**64, 12345678901234567890123456789, 10**4_000])
def test_integers_stay_exact(exact: int) -> None:
    """An account number that loses its last digit names another account."""
    assert canonical([exact]) == b"[%d]" % exact
    assert canonical({"\uffff": exact}) == b'{"\xef\xbf\xbf":%d}' % exact


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, b"1"),
        (-0.0, b"0"),
        (1e21, b"1000000000000000000000"),
        (2.0**63, b"9223372036854775808"),
        (0.1, b"0.1"),
        (-1.5, b"-1.5"),
        (1e-7, b"1e-7"),
        (1e-6, b"0.000001"),
        (-1.25e-6, b"-0.00000125"),
        (9.999e-6, b"0.000009999"),
        (1e-5, b"0.00001"),
        (5e-324, b"5e-324"),
        (True, b"true"),
        (None, b"null"),
        ("", b'""'),
        ({}, b"{}"),
        ([], b"[]"),
        ((1, [2]), b"[1,[2]]"),
    ],
)
def test_single_values(value: object, written: bytes) -> None:
    """The edges that tell one implementation from another."""
    assert canonical(value) == written
    assert canonical(["\U0001f600", value]) == b'["\xf0\x9f\x98\x80",' + written + b"]"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 3, 1, 6, tzinfo=UTC), b'"2026-03-01T06:00:00Z"'),
        (datetime(2026, 3, 1, 6, 0, 0, 5, tzinfo=UTC), b'"2026-03-01T06:00:00.000005Z"'),
        (datetime(2026, 3, 1, 6, tzinfo=timezone(timedelta(hours=2))), b'"2026-03-01T04:00:00Z"'),
        (datetime(2026, 3, 1, 6), b'"2026-03-01T06:00:00Z"'),  # noqa: DTZ001  some SDKs give UTC without saying so
        (date(2026, 3, 1), b'"2026-03-01"'),
        (b"\x00\xff", b'"AP8="'),
        (bytearray(b"\x00\xff"), b'"AP8="'),
        (Decimal("1.50"), b"1.5"),
        (Decimal("3.00"), b"3"),
        (Decimal("1e30"), b"1" + b"0" * 30),
        (Decimal("12345678901234567890.5"), b"12345678901234567168"),
        (Level.LOW, b"3"),
        (type("Name", (str,), {})("ann"), b'"ann"'),
    ],
)
def test_values_that_json_has_no_type_for(value: object, written: bytes) -> None:
    """What an SDK makes of the platform's JSON goes back to one form."""
    assert canonical(value) == written


WITHOUT_FORM = {
    "nan": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "decimal nan": Decimal("NaN"),
    "decimal signalling nan": Decimal("sNaN"),
    "decimal infinity": Decimal("Infinity"),
    "a lone surrogate": "\ud800",
    "a lone surrogate as key": {"\udfff": 1},
    "a lone surrogate beside a pair": ["\U0001f600", "\ud800"],
    "a lone surrogate beside a high key": {"\uffff": 1, "\ud800": 2},
    "an integer as key": {1: "one"},
    "none as key": {None: "none"},
    "bytes as key": {b"key": 1},
    "a set": {1, 2},
    "an object": object(),
    "an enum": Plain.ONE,
    "an integer that Python will not write": 10**5_000,
    "a moment after the last": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
}


@pytest.mark.parametrize("value", WITHOUT_FORM.values(), ids=WITHOUT_FORM)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    """Better no evidence than evidence that nobody can make again; and with our own error, so that a task can end."""
    with pytest.raises(NotCanonicalError):
        canonical(value)


def nested(depth: int) -> Any:
    """A list in a list, and so on."""
    made: Any = 1
    for _ in range(depth):
        made = [made]
    return made


def test_depth_has_a_limit() -> None:
    """An answer made to exhaust us ends as an error that we know."""
    assert canonical(nested(200)) == b"[" * 200 + b"1" + b"]" * 200
    for depth in (202, 100_000):
        with pytest.raises(NotCanonicalError, match="200 levels"):
            canonical(nested(depth))


@pytest.mark.parametrize(
    ("first", "second"),
    [("a", "b"), ("a", "aa"), ("", "\x00"), ("z", "\xe9"), ("\ue000", "\U0001f600"), ("\ufb33", "\U00010000")],
)
def test_keys_stand_in_the_order_of_utf_16(first: str, second: str) -> None:
    """Past the first plane the order of UTF-16 is not that of code points; the standard says which one counts."""
    ordered = sorted((first, second), key=lambda key: key.encode("utf-16-be"))

    assert list(json.loads(canonical({first: 1, second: 2}))) == ordered
    assert canonical({first: 1, second: 2}) == rfc8785.dumps({first: 1, second: 2})


def test_plain_bodies_are_what_encode_takes() -> None:
    """The redactor makes plain values; encoding them does no work twice."""
    value = {"at": date(2026, 3, 1), "n": 2.0, "in": ({"x": b"1"},)}

    assert plain(value) == {"at": "2026-03-01", "n": 2, "in": [{"x": "MQ=="}]}
    assert encode(plain(value)) == canonical(value)


def test_a_digest_is_of_exactly_these_bytes() -> None:
    """Anybody with sha256sum can check it."""
    assert digest_of(b"abc") == "sha256:" + hashlib.sha256(b"abc").hexdigest()


def test_objects_in_tuples_are_sorted_beside_what_is_written_slowly() -> None:
    """A digest or a name that happens to hold `e-6` must not change the order of keys elsewhere."""
    value = {"name": "abce-6123", "calls": ({"operation": "list", "count": 2},)}

    assert encode(value) == b'{"calls":[{"count":2,"operation":"list"}],"name":"abce-6123"}'


@pytest.mark.parametrize("make", [encode, plain_bytes])
def test_canonical_bytes_take_the_memory_that_they_need(make: Callable[[object], bytes | None]) -> None:
    """Those of a large list are kept until it ends, and the writer's own buffer is four kilobytes at least."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [make({"key": number}) for number in range(1000)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert kept[7] == b'{"key":7}'
    assert taken < 1000 * 200
