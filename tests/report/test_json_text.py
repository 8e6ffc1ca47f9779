"""JSON that is written item by item is the JSON of the whole."""

from __future__ import annotations

import msgspec
import pytest

from collector.report.json_text import json_pieces, json_text


class Item(msgspec.Struct, frozen=True):
    """One of many."""

    text: str
    more: list[dict[str, int]]


class Many(msgspec.Struct, frozen=True, tag="many/1", tag_field="schema"):
    """A view with many items."""

    first: list[int]
    items: list[Item]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_pieces_are_the_whole(number: int) -> None:
    """To the byte, with lists and control characters inside."""
    items = [Item(f"[]\n{index}\x7f\u2028é\U0001d4b3", [{}, {"a": index}]) for index in range(number)]

    assert "".join(json_pieces(Many([], []), "items", iter(items))) == json_text(Many([], items))


def test_only_the_last_field_can_be_streamed() -> None:
    """Another one would end up in the wrong place."""
    with pytest.raises(ValueError, match="first"):
        list(json_pieces(Many([], []), "first", []))
