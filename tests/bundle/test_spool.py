"""A stream that is made once and read several times."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator


class Source:
    """Counts how often it was gone through."""

    def __init__(self, items: list[str]) -> None:
        self.items = items
        self.passes = 0

    def __call__(self) -> Iterator[str]:
        """Make the stream once more."""
        self.passes += 1
        yield from self.items


@given(items=st.lists(st.text(max_size=300), max_size=50))
def test_what_is_read_back_is_what_was_made(items: list[str]) -> None:
    """Two pages that count the same findings must not differ."""
    source = Source(items)
    spool = Spool(source, str)

    assert [list(spool), list(spool), list(spool)] == [items] * 3
    assert source.passes == 1


def test_items_longer_than_what_is_read_at_once_come_back_whole() -> None:
    """A reason may be long, and stand across two pieces of the file."""
    items = ["a" * 700_000, "b" * 3_000_000, "", "c" * 900_000]
    spool = Spool(Source(items), str)

    assert list(spool) == items
    assert list(spool) == items


def test_a_pass_that_was_broken_off_is_not_taken_for_the_whole() -> None:
    """Half a list read back as a whole one would lose findings in silence."""
    source = Source(["a", "b", "c"])
    spool = Spool(source, str)

    assert list(islice(spool, 1)) == ["a"]
    assert list(spool) == ["a", "b", "c"]
    assert list(spool) == ["a", "b", "c"]
    assert source.passes == 2


def test_two_readers_do_not_disturb_each_other() -> None:
    """One page may be made while another one is being read."""
    items = [f"{number}" * 1000 for number in range(3000)]
    spool = Spool(Source(items), str)
    assert list(spool) == items

    assert list(zip(spool, spool, strict=True)) == list(zip(items, items, strict=True))


@given(parts=st.lists(st.lists(st.integers(0, 30)).map(sorted), max_size=8))
def test_parts_are_merged_into_one_order_and_nothing_is_lost(parts: list[list[int]]) -> None:
    """A finding that the other order left out would be missing in one file of a bundle and not in another."""
    items = [f"{number} {value}" for number, part in enumerate(parts) for value in part]
    spool = Spool(Source(items), str, part=lambda item: item.split()[0])
    expected = sorted(items, key=_value)

    assert [list(spool.merged(_value)), list(spool), list(spool.merged(_value))] == [expected, items, expected]


def _value(item: str) -> int:
    return int(item.split()[1])
