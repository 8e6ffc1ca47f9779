"""Views: stored bytes as types, facts put back, and what could not be read raised when touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field

from collector.core.canonical import encode
from collector.core.errors import Unread
from collector.core.resources import resource
from collector.core.views import UndecodableError, decode, unread_view


class Rule(Struct, frozen=True):
    """A struct inside."""

    reviews: int


@resource("played.box", key="name", volatile=("used_at", "count"))
class Box(Struct, frozen=True, kw_only=True):
    """A view with a required part, an optional one, and a fact."""

    name: str
    guard: Rule | None
    labels: list[str] = field(name="Labels")
    used_at: datetime | None = None
    count: int = 0

    @property
    def guarded(self) -> bool:
        """What a view may work out by itself."""
        return self.guard is not None and self.guard.reviews > 0


def blob(body: dict[str, Any]) -> bytes:
    """A body as it is stored."""
    return encode({"body": body, "key": "k", "kind": "played.box", "salt": "00"})


WHOLE = {"name": "a", "guard": {"reviews": 2}, "Labels": ["x"]}
WHY = "GET /guard could not be read: refused (needs guard:read)"


def test_a_body_is_read_as_its_types() -> None:
    """A check sees types, not dictionaries."""
    box = decode(Box, blob(WHOLE))

    assert box == Box(name="a", guard=Rule(2), labels=["x"])


def test_facts_are_put_back_into_the_body() -> None:
    """A check need not know what is kept apart."""
    box = decode(Box, blob(WHOLE), b'{"count":7,"used_at":"2026-03-01T00:00:00Z"}')

    assert (box.name, box.count, box.used_at) == ("a", 7, datetime(2026, 3, 1, tzinfo=UTC))


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), st.integers() | st.text('}{",:')),
    st.none() | st.integers(0, 9),
)
def test_putting_facts_back_loses_nothing(more: dict[str, Any], count: int | None) -> None:
    """Bytes are spliced, never parsed: whatever the body holds, it must come out whole."""
    body = {**{key: value for key, value in more.items() if key != "count"}, **WHOLE}
    facts = encode({"count": count} if count is not None else {})
    box = decode(Box, blob(body), facts)

    assert box == Box(name="a", guard=Rule(2), labels=["x"], count=count or 0)


def test_facts_of_an_empty_body_are_put_back() -> None:
    """No comma where nothing stood."""

    @resource("played.bare", volatile=("count",))
    class Bare(Struct):
        count: int

    assert decode(Bare, blob({}), b'{"count":3}').count == 3


def test_what_could_not_be_read_raises_when_it_is_touched() -> None:
    """The author of a check writes nothing for it, and cannot forget it."""
    box = decode(Box, blob({"name": "a", "Labels": []}), None, {"guard": WHY})

    assert box.name == "a"
    with pytest.raises(Unread, match=r"refused \(needs guard:read\)"):
        _ = box.guard
    with pytest.raises(Unread):
        _ = box.guarded


def test_an_unread_part_is_still_the_view() -> None:
    """Isinstance and match go on working, and match touches what it names."""
    box = decode(Box, blob({"name": "a", "Labels": []}), None, {"guard": WHY})

    assert isinstance(box, Box)
    match box:
        case Box(name=name):
            assert name == "a"
    with pytest.raises(Unread):
        unguarded(box)


def unguarded(box: Box) -> bool:
    """What a check might ask."""
    match box:
        case Box(guard=None):
            return True
        case _:
            return False


def test_a_part_is_unread_by_the_platform_s_name_and_touched_by_ours() -> None:
    """The view may call a key otherwise than the platform does."""
    box = decode(Box, blob({"name": "a", "guard": None}), None, {"Labels": "not allowed"})

    with pytest.raises(Unread, match="not allowed"):
        _ = box.labels
    assert box.guard is None


def test_each_body_has_its_own_reasons() -> None:
    """The class is shared between bodies; the reasons must not be."""
    first = decode(Box, blob({"name": "a", "Labels": []}), None, {"guard": "first"})
    second = decode(Box, blob({"name": "b", "Labels": []}), None, {"guard": "second"})

    for box, why in ((first, "first"), (second, "second"), (first, "first")):
        with pytest.raises(Unread, match=why):
            _ = box.guard


def test_an_unread_part_that_no_view_reads_changes_nothing() -> None:
    """A part that is kept for the auditor only."""
    box = decode(Box, blob(WHOLE), None, {"other": WHY})

    assert box.guard == Rule(2)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"guard": None, "Labels": []}, "missing required field `name`"),
        ({**WHOLE, "name": 3}, "$.body.name"),
        ({**WHOLE, "guard": {"reviews": "two"}}, "$.body.guard.reviews"),
        ({**WHOLE, "Labels": ["x", 1]}, "$.body.Labels[1]"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(body: dict[str, Any], path: str) -> None:
    """Somebody has to find it in a body of ten thousand lines."""
    with pytest.raises(UndecodableError) as caught:
        decode(Box, blob(body))

    assert str(caught.value).startswith("played.box: ")
    assert path in str(caught.value)


def test_what_does_not_fit_is_named_beside_an_unread_part_too() -> None:
    """One missing permission must not hide that the platform has changed."""
    with pytest.raises(UndecodableError, match=r"body\.name"):
        decode(Box, blob({"name": 3, "Labels": []}), None, {"guard": WHY})


@pytest.mark.parametrize("damaged", [b"", b"{}", b'{"key":"k","body":{}}', b"[]"])
def test_damaged_bytes_are_an_error_that_is_known(damaged: bytes) -> None:
    """A disk that lies makes verdicts unknown, not runs end."""
    with pytest.raises(UndecodableError):
        decode(Box, damaged, b'{"count":1}')
    with pytest.raises(UndecodableError):
        decode(Box, damaged)


def test_of_what_was_not_found_every_field_is_unread() -> None:
    """The one that a check needs was not seen: whatever it asks of it, the answer is the reason."""
    box = unread_view(Box, "the list was refused")

    assert isinstance(box, Box)
    for name in ("name", "guard", "labels", "used_at", "count", "guarded"):
        with pytest.raises(Unread, match="the list was refused"):
            getattr(box, name)
