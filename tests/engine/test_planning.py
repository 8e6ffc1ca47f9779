"""Planning and the order of judging cost what they find: twice as many scopes are twice the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.core.facts import IncompleteDiscovery
from collector.core.scopes import ScopeIndex
from collector.core.tasks import Task
from collector.engine.freshness import Freshness
from collector.engine.plan import ScopeTree
from collector.engine.sources import Source
from collector.engine.units import Unit, Units
from tests.played.checks import RULES
from tests.played.connector import played, settings_for
from tests.played.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.scopes import Scope


class Counted(tuple[str, ...]):
    """A scope that counts how often it is looked at."""

    looks = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Counted.looks += 1
        return tuple.__eq__(self, other)

    def __hash__(self) -> int:
        Counted.looks += 1
        return tuple.__hash__(self)

    def __len__(self) -> int:
        Counted.looks += 1
        return tuple.__len__(self)

    def __getitem__(self, at: Any) -> Any:
        Counted.looks += 1
        return tuple.__getitem__(self, at)

    def __iter__(self) -> Iterator[str]:
        Counted.looks += 1
        return tuple.__iter__(self)


def work(orgs: int, projects: int, *, refused: bool) -> int:
    """Plan and judge the order of a source of so many scopes; return how often a scope was looked at."""
    names = tuple(f"o{number}" for number in range(orgs))
    source = Source("code", played(), settings_for(Platform(), orgs=names))
    known = tuple(Counted((org, f"p{number}")) for org in names for number in range(projects))
    Counted.looks = 0
    tree = ScopeTree(source, known)
    for level, task in list(tree.discoveries(1)):
        tree.add_discovered(level, task.scope, [f"p{number}" for number in range(projects)], "no" if refused else None)
    offline = ScopeTree(source, known)
    offline.add_known()
    scopes = [*(scope for scope in tree.scopes if len(scope) == 1), *known]
    tree.scopes = scopes
    freshness = Freshness(
        source, scopes=scopes, incomplete_discoveries=tree.incomplete_discoveries, latest=(), complete=()
    )
    tasks = tree.tasks(lambda _task: True)
    units = Units(RULES, freshness)
    units.wait_for(tasks)
    for task in tasks:
        units.done(task)
    for org in names:
        freshness.incomplete_set_reason("played.repo", (org,))
    assert len(tasks) == orgs * (4 + projects)
    return Counted.looks


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("shape", [(1, 200), (200, 1), (14, 14)])
def test_twice_as_many_scopes_are_twice_the_work(shape: tuple[int, int], refused: bool) -> None:
    """8,000 accounts must not cost sixteen times what 2,000 do, in one organization or one each."""
    orgs, projects = shape
    few = work(orgs, projects, refused=refused)
    many = work(*((orgs * 2, projects) if orgs > 1 else (orgs, projects * 2)), refused=refused)

    assert few > 200
    assert many < 2.2 * few


@given(
    scopes=st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=4),
    refused=st.sets(st.sampled_from("ab")),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_a_unit_is_due_with_the_last_task_that_it_needs(
    scopes: set[tuple[str, str]], refused: set[str], data: st.DataObject
) -> None:
    """Whatever the order in which tasks end, and whichever of them are to come; each unit once, or never."""
    source = Source("code", played(), settings_for(Platform(), orgs=("a", "b")))
    freshness = Freshness(
        source,
        scopes=[("a",), ("b",), *sorted(scopes)],
        incomplete_discoveries=[IncompleteDiscovery("code", "project", (org,), "no list") for org in sorted(refused)],
        latest=(),
        complete=(),
    )
    tree = ScopeTree(source)
    tree.scopes = [("a",), ("b",), ("a", "gone"), *sorted(scopes)]
    planned = tree.tasks(lambda _task: True)
    todo = data.draw(st.lists(st.sampled_from(planned), unique=True))
    units = Units(RULES, freshness)
    units.wait_for([*todo, *(Task("other", task.collection, task.scope) for task in planned)])
    known = set(freshness.scopes)
    expected = [task for task in todo if task.scope in known]

    for at, task in enumerate(todo):
        later = set(expected) & set(todo[at + 1 :])
        due = [
            unit
            for unit in units.all
            if task in expected and task in units.needs(unit) and later.isdisjoint(units.needs(unit))
        ]
        assert sorted(map(named, units.done(task))) == sorted(map(named, due))
        assert units.done(task) == []


def named(unit: Unit) -> tuple[tuple[str, ...], Scope, bool]:
    """Return what tells a unit from the others."""
    return tuple(rule.check.id for rule in unit.rules), unit.scope, unit.incomplete is not None


SCOPES: list[Scope] = [(), ("a",), ("a", "x"), ("b",), ("b", "x"), ("a", "y")]


def test_an_index_of_scopes_finds_them_in_their_order() -> None:
    """By depth, and below each scope that contains them, itself included."""
    index = ScopeIndex(SCOPES)

    assert list(index.below(2)) == [("a", "x"), ("b", "x"), ("a", "y")]
    assert list(index.below(2, ("a",))) == [("a", "x"), ("a", "y")]
    assert list(index.below(1, ("a",))) == [("a",)]
    assert list(index.below(0)) == [()]
    assert list(index.below(1, ("a", "x"))) == list(index.below(2, ("c",))) == []


def test_incomplete_discoveries_that_are_added_count_where_they_lie() -> None:
    """Sets around and at the place are not complete; those beside it and above its level are."""
    source = Source("code", played(), settings_for(Platform()))
    freshness = Freshness(source, scopes=[("acme",), ("best",)], incomplete_discoveries=(), latest=(), complete=())
    freshness.add_incomplete([IncompleteDiscovery("code", "project", ("acme",), "no list")])

    assert len(freshness.incomplete_discoveries) == 1
    for under in ((), ("acme",)):
        assert "no list" in str(freshness.incomplete_set_reason("played.repo", under))
    assert "no list" not in str(freshness.incomplete_set_reason("played.repo", ("best",)))
    assert "no list" not in str(freshness.incomplete_set_reason("played.repo", ("acme", "web")))
    assert "no list" not in str(freshness.incomplete_set_reason("played.member", ("acme",)))


def test_a_plan_names_each_scope_once_and_by_its_root() -> None:
    """A scope that two discoveries name is one; one that lies below no root is not the source's any more."""
    source = Source("code", played(), settings_for(Platform()))
    tree = ScopeTree(source, (("acme", "old"), ("acme", "new"), ("sold", "x")))
    tree.add_discovered("project", ("acme",), ["new", "new"], None)
    tree.add_discovered("project", ("acme",), ["new"], "no more pages")

    offline = ScopeTree(source, tree.known)
    offline.add_known()

    assert tree.scopes == [("acme",), ("acme", "new"), ("acme", "old")]
    assert offline.scopes == [("acme",), ("acme", "old"), ("acme", "new")]
    repos = tree.tasks(lambda task: task.collection == "played.repo")
    assert repos == [Task("code", "played.repo", ("acme", name)) for name in ("new", "old")]
