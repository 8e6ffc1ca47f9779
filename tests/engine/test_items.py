"""Items of bodies that are in the store as they came: the same ones as redaction would make, without doing it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from collector.core.canonical import NotCanonicalError, canonical, plain_bytes
from collector.core.errors import Unexpected
from collector.core.redaction import Redactor
from collector.core.resources import kind_of, resource
from collector.engine.items import ItemMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.core.ports import Item

KEY = b"k" * 32
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLQ"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEYQ1"


@resource("items.thing", key="Id", volatile=("LastUsed", "Note"), redact=("Private",))
class Thing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One thing."""

    id: str


@resource("items.pair", key="Id", volatile=("Value",))
class Pair(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A thing whose volatile key is a value beside a name."""

    id: str


class Stored:
    """What a store says of bodies: those of the items that were made before."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def are_current(self, bodies: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Compare bodies with those of before."""
        return [self.bodies.get(key) == body for key, body in bodies]


class CountedRedactor(Redactor):
    """A redactor that notes which bodies it was given."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.given: list[dict[str, Any]] = []

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Redact a body, and note it."""
        self.given.append(body)
        return super().apply(body)


def made(
    bodies: list[dict[str, Any]], stored: Stored | None, view: type[Struct] = Thing
) -> tuple[list[Item], Counter[str], CountedRedactor]:
    """The items of some bodies, and what was replaced in them."""
    kind = kind_of(view)
    redactor = CountedRedactor(KEY, kind.redact, kind.plain)
    maker = ItemMaker(kind, redactor, None if stored is None else stored.are_current)
    return list(maker.make([maker.read(body, {}) for body in bodies])), redactor.replaced, redactor


def made_twice(
    first: list[dict[str, Any]], then: list[dict[str, Any]], view: type[Struct] = Thing
) -> tuple[Any, Any, CountedRedactor]:
    """The items of bodies beside a store that has earlier ones, and those made without it."""
    stored = Stored()
    stored.bodies = {item.key: item.body for item in made(first, None, view)[0]}
    with_store, replaced, redactor = made(then, stored, view)
    without, replaced_without, _ = made(then, None, view)
    return (with_store, replaced), (without, replaced_without), redactor


def a_thing(**but: Any) -> dict[str, Any]:
    """A thing without secrets."""
    return {"Id": "one", "LastUsed": "2026-03-01T00:00:00Z", "Tags": [{"Key": "team", "Value": "web"}], **but}


SECRETS: dict[str, dict[str, Any]] = {
    "none": {},
    "declared": {"Private": "+41 79 555 01 99"},
    "by name": {"Settings": {"DbPassword": "correct horse"}},
    "by look": {"Text": KEY_ID},
    "in a volatile key": {"LastUsed": KEY_ID},
    "beside a key id that is volatile": {"Note": KEY_ID, "Text": SECRET_KEY},
    "a volatile one beside a key id": {"Text": KEY_ID, "Note": SECRET_KEY},
    "a number with a point": {"Share": 0.5},
    "a number that is not one": {"Share": None},
    "a time": {"LastUsed": "2026-03-02T00:00:00Z"},
    "text beyond ASCII": {"Text": "Zürich \U0001f600 \uffff"},
}


@pytest.mark.parametrize("then", SECRETS)
@pytest.mark.parametrize("first", SECRETS)
def test_an_item_is_the_same_with_and_without_the_store(first: str, then: str) -> None:
    """Whatever was stored before, and whatever comes now."""
    with_store, without, _ = made_twice([a_thing(**SECRETS[first])], [a_thing(**SECRETS[then])])

    assert with_store == without


@pytest.mark.parametrize(("value", "is_made"), [("web", "web"), ("correct horse", "[redacted")])
def test_a_name_and_its_volatile_value_are_looked_at_together(value: str, is_made: str) -> None:
    """A value that is secret by the name beside it is so in any key."""
    name = "team" if value == "web" else "password"
    with_store, without, _ = made_twice(
        [{"Id": "one", "Name": name, "Value": "x"}], [{"Id": "one", "Name": name, "Value": value}], Pair
    )

    assert with_store == without
    assert is_made in with_store[0][0].facts.decode()


def test_a_body_that_is_stored_is_not_redacted_again() -> None:
    """Only its volatile keys are, which may be others."""
    bodies = [a_thing(Id=f"thing-{number}") for number in range(3)]
    changed = a_thing(Id="thing-1", Tags=[])
    _, _, redactor = made_twice(bodies, [bodies[0], changed, bodies[2]])

    assert [given for given in redactor.given if given.keys() != {"LastUsed"}] == [changed]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_body_that_is_too_deep_is_refused_as_it_is_read(is_stored: bool) -> None:
    """Bodies are looked up together, and one that cannot be written down costs none of the others."""
    deep = a_thing(Id="deep")
    for _ in range(600):
        deep = a_thing(Id="deep", Inner=deep)
    kind = kind_of(Thing)
    maker = ItemMaker(kind, Redactor(KEY, kind.redact, kind.plain), Stored().are_current if is_stored else None)
    before = maker.read(a_thing(), {})

    with pytest.raises(NotCanonicalError, match="200 levels"):
        maker.read(deep, {})
    assert [item.key for item in maker.make([before])] == ["one"]


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a key": lambda body: body.update(Id="two"),
    "a value": lambda body: body["Tags"][0].update(Value="app"),
    "a volatile value": lambda body: body.update(LastUsed="2026-03-03T00:00:00Z"),
    "a number with a point": lambda body: body.update(Share=0.5),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_stored", [True, False])
def test_a_body_that_changes_after_it_was_listed_is_never_taken_for_another(is_stored: bool, change: str) -> None:
    """The connector goes on before the store is asked: what it listed is kept, or the list ends there."""
    kind, stored, body = kind_of(Thing), Stored(), a_thing()
    (listed,), *_ = made([a_thing()], None)
    stored.bodies = {"one": listed.body} if is_stored else {}
    maker = ItemMaker(kind, Redactor(KEY, kind.redact, kind.plain), stored.are_current)
    read = maker.read(body, {})
    CHANGES[change](body)

    if is_stored:
        assert list(maker.make([read])) == [listed]
    else:
        with pytest.raises(Unexpected, match="changed an item"):
            list(maker.make([read]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=st.dictionaries(st.text(), JSON))
def test_bytes_that_are_made_at_once_are_the_canonical_ones(value: dict[str, Any]) -> None:
    """A body is compared by bytes: two ways to make them must not differ."""
    data = plain_bytes(value)

    assert data is None or data == canonical(value)


@pytest.mark.parametrize("value", [0.5, 1.0, float("nan"), 1 << 70, {1: 2}, "\ue000", 0.000001, (1,), object()])
def test_what_may_be_written_in_another_way_is_not_made_at_once(value: object) -> None:
    """Not a number reads as null, and null is another thing."""
    assert plain_bytes({"a": value}) is None
