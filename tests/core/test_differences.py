"""Where two bodies differ: every place, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.differences import Difference, differences

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({"a": 1}, {"a": 2}, [Difference(path="a", was=1, now=2)]),
        ({}, {"a": None}, [Difference(path="a", was=None, now=None, appeared=True)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}}, [Difference(path="a.b[1]", was=2, now=None, gone=True)]),
        ({"a": [1]}, {"a": {"0": 1}}, [Difference(path="a", was=[1], now={"0": 1})]),
        ({"a": True}, {"a": 1}, [Difference(path="a", was=True, now=1)]),
        ({"a": [True]}, {"a": [1]}, [Difference(path="a[0]", was=True, now=1)]),
        ({"a": None}, {"a": 0}, [Difference(path="a", was=None, now=0)]),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_each_place_that_differs_is_told(was: Any, now: Any, expected: list[Difference]) -> None:
    """Python takes true for 1 and a missing key for null; evidence does not."""
    assert list(differences(was, now)) == expected


@given(value=json_values)
def test_nothing_differs_from_itself(value: Any) -> None:
    """A difference that is none sends somebody looking for it."""
    assert list(differences(value, value)) == []


@given(was=json_values, now=json_values)
def test_what_is_told_one_way_is_told_the_other_way(was: Any, now: Any) -> None:
    """The order of the two moments only turns each difference round."""
    there = [
        (difference.path, difference.was, difference.now, difference.appeared, difference.gone)
        for difference in differences(was, now)
    ]
    back = [
        (difference.path, difference.now, difference.was, difference.gone, difference.appeared)
        for difference in differences(now, was)
    ]

    assert repr(there) == repr(back)
