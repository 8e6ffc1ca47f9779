"""Text that people read: lists that are too long to read are cut, and say by how much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.plain_text import bounded, first_few


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "0"), (8, "0, 1, 2, 3, 4, 5, 6, 7"), (9, "0, 1, 2, 3, 4, 5, 6, 7, 8")],
)
def test_a_short_list_is_whole(count: int, text: str) -> None:
    """To say that there is one more takes no less room than the one."""
    assert first_few(map(str, range(count))) == text


def test_a_long_list_says_how_many_there_are() -> None:
    """The first few, and a number that a person can read."""
    assert first_few(map(str, range(1_300)), 3) == "0, 1, 2 and 1,297 more"
    assert first_few(["a"] * 4, 2, "; ") == "a; a and 2 more"


def test_a_text_of_a_thousand_accounts_is_bounded() -> None:
    """What is left and what is said to be missing are all of it."""
    accounts = [f"{number:012d}" for number in range(1_300)]

    text = bounded(f"these may write: {', '.join(accounts)}")

    named, _, rest = text.removeprefix("these may write: ").partition(" and ")
    assert len(text) < 1_100
    assert named.split(", ") == accounts[: len(named.split(", "))]
    assert len(named.split(", ")) + int(rest.removesuffix(" more").replace(",", "")) == 1_300
    assert bounded("; ".join(["one, two"] * 500)).startswith("one, two; one, two")


@given(text=st.text(max_size=300), most=st.integers(20, 200))
def test_no_text_grows(text: str, most: int) -> None:
    """A text that fits is left alone, and any other is near the limit."""
    shown = bounded(text, most)

    assert shown == text if len(text) <= most else len(shown) <= most // 2 + 30
