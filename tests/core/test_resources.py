"""Kinds: what tells resources apart, and what the author of a view has looked at."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct, field

from collector.core.redaction import Redact
from collector.core.resources import ONLY, kind_of, resource


class Leaf(Struct):
    """A struct inside a list inside a union."""

    deep: str
    tree: Tree | None = None


class Tree(Struct):
    """A struct that contains itself."""

    leaves: list[Leaf]


@resource("played.thing", key=("a", "b"), volatile=("used",), redact=("note", Redact("mail", "domain")))
class Thing(Struct):
    """A view with everything."""

    a: str
    b: str
    renamed: str = field(name="vendorName")
    inside: Leaf | None = None


@resource("played.single", key="id")
class Single(Struct):
    """A view with one key."""

    id: int


@resource("played.only")
class Only(Struct):
    """The one of its kind."""

    x: int


def test_a_kind_knows_its_declaration() -> None:
    """Plan, redaction and judging read the same words."""
    kind = kind_of(Thing)

    assert (kind.name, kind.key, kind.volatile) == ("played.thing", ("a", "b"), frozenset({"used"}))
    assert kind.redact == (Redact("note"), Redact("mail", "domain"))
    assert kind.plain == {"a", "b", "vendorName", "inside", "deep", "tree", "leaves"}


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
@example(("a/b", "c"), ("a", "b/c"))
@example(("a/b", "c"), ("a%2Fb", "c"))
def test_two_pairs_never_make_one_key(first: tuple[str, str], second: tuple[str, str]) -> None:
    """A slash in a name must not make another resource of it."""
    kind = kind_of(Thing)
    same = kind.key_of({"a": first[0], "b": first[1]}) == kind.key_of({"a": second[0], "b": second[1]})

    assert same == (first == second)


def test_a_key_of_one_part_is_left_as_it_is() -> None:
    """People look for a resource by the name that the platform gives it."""
    assert kind_of(Single).key_of({"id": 7}) == "7"
    assert kind_of(Single).key_of({"id": "arn:x:y/%2F"}) == "arn:x:y/%2F"
    assert kind_of(Only).key_of({"x": 1}) == ONLY


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}])
def test_a_resource_without_its_key_is_none(body: dict[str, object]) -> None:
    """None and "" would be one subject for many, and "" is the scope itself."""
    with pytest.raises(KeyError, match="id"):
        kind_of(Single).key_of(body)


def test_a_pair_needs_both() -> None:
    """Half a key is another resource's."""
    with pytest.raises(KeyError, match="b"):
        kind_of(Thing).key_of({"a": "x", "b": None})


def test_a_struct_without_declaration_is_no_kind() -> None:
    """And neither is one that only inherits from a view: two views of one kind would be two opinions."""

    class Child(Single):
        more: str

    for view in (Leaf, Child):
        with pytest.raises(TypeError, match="lacks the @resource decorator"):
            kind_of(view)
