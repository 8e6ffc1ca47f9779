"""Scopes: paths that contain each other, and one order in memory and on disk."""

from __future__ import annotations

import json
import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from collector.core.scopes import enclosing, scope_text, show_scope, within

names = st.text(st.characters(codec="utf-8"), max_size=6)
scopes = st.lists(names, max_size=3).map(tuple)


@given(st.lists(scopes, max_size=12))
def test_the_order_in_memory_is_the_order_of_a_database(scopes: list[tuple[str, ...]]) -> None:
    """Findings of yesterday and of today are merged as both come along in one order."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (scope TEXT COLLATE BINARY)")
        database.executemany("INSERT INTO t VALUES (?)", [(scope_text(scope),) for scope in scopes])
        stored = [row[0] for row in database.execute("SELECT scope FROM t ORDER BY scope")]
    database.close()

    assert stored == sorted(scope_text(scope) for scope in scopes)


@given(scopes, scopes)
def test_two_scopes_are_never_written_alike(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    """A slash in a name must not make another path of it."""
    assert (scope_text(first) == scope_text(second)) == (first == second)
    assert tuple(json.loads(scope_text(first))) == first


@given(scopes, scopes)
def test_within_is_a_matter_of_the_beginning(scope: tuple[str, ...], more: tuple[str, ...]) -> None:
    """A scope contains itself and what is below it, and the source contains everything."""
    assert within(scope + more, scope)
    assert within(scope, ())
    assert within(scope, scope + more) == (not more)


def test_a_name_that_begins_alike_is_not_within() -> None:
    """("acme", "web") has nothing to do with ("acme", "web-old")."""
    assert not within(("acme", "web-old"), ("acme", "web"))


def test_scopes_around_come_nearest_first() -> None:
    """The setting of the region counts before that of the account."""
    assert list(enclosing(("a", "b"))) == [("a", "b"), ("a",), ()]
    assert list(enclosing(())) == [()]


def test_scopes_are_shown_for_people() -> None:
    """The whole source has a name too."""
    assert show_scope(("acme", "web")) == "acme/web"
    assert show_scope(()) == "(source)"
