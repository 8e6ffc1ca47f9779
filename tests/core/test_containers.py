"""Walking containers that nest: everything that can be read, each once, and an error for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.core.containers import walk
from collector.core.errors import ConnectorError, Denied, NotThere, NotUsed, Unavailable, Unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TREE = {
    "org": ["a", "b"],
    "a": ["a1", "a2"],
    "b": ["b1"],
    "a1": ["p1"],
    "b1": ["p2"],
}
PATHS = [
    ("org",),
    ("org", "a"),
    ("org", "b"),
    ("org", "a", "a1"),
    ("org", "a", "a2"),
    ("org", "b", "b1"),
    ("org", "a", "a1", "p1"),
    ("org", "b", "b1", "p2"),
]


class Tree:
    """Lists children, notes what was asked, and raises the error that stands in place of a child."""

    def __init__(self, **but: Sequence[str | Exception]) -> None:
        self.tree: dict[str, Sequence[str | Exception]] = {**TREE, **but}
        self.asked: list[str] = []

    def children(self, name: str) -> Iterator[str]:
        """List what is directly inside."""
        self.asked.append(name)
        for child in self.tree.get(name, []):
            if isinstance(child, Exception):
                raise child
            yield child

    def walk(self, *roots: str, **but: int) -> tuple[list[tuple[str, ...]], ConnectorError | None]:
        """Return the paths, and the error at the end."""
        paths = []
        try:
            for path, name in walk(roots or ("org",), self.children, id_of=str, explain=explain, **but):
                assert path[-1] == name
                paths.append(path)
        except ConnectorError as error:
            return paths, error
        return paths, None


def explain(error: Exception) -> ConnectorError | None:
    """Know one error of the platform's own."""
    return Denied("explained", code="E1") if isinstance(error, PermissionError) else None


def test_containers_are_yielded_level_by_level_with_their_path() -> None:
    """The path in the body is what says later where a project lies."""
    tree = Tree()

    assert tree.walk() == (PATHS, None)
    assert len(tree.asked) == len(PATHS)


@pytest.mark.parametrize("refused", [Denied("no list"), PermissionError()])
def test_a_refused_container_costs_only_what_is_inside_it(refused: Exception) -> None:
    """Everything else is yielded, and the error names the container, so that the list ends as partial."""
    paths, error = Tree(b=["b0", refused]).walk()

    assert paths == [*PATHS[:5], ("org", "b", "b0"), PATHS[6]]
    assert isinstance(error, Denied)
    assert "org/b: " in error.what
    assert "org/a" not in error.what


def test_many_refusals_are_named_and_counted() -> None:
    """Ten thousand refused folders must not make a reason of a megabyte."""
    children = {f"c{number}": [Denied("no list")] for number in range(8)}
    _, error = Tree(org=[*children], **children).walk()

    assert error is not None
    assert "org/c4: " in error.what
    assert "org/c5" not in error.what
    assert error.what.endswith("and 3 more")


def test_a_container_that_is_gone_asks_for_no_permission() -> None:
    """Deleted during the walk: the list is not whole, and no right would mend it."""
    paths, error = Tree(b=[NotThere("deleted")]).walk()

    assert ("org", "a", "a1", "p1") in paths
    assert type(error) is NotThere


def test_a_refusal_counts_more_than_what_is_gone() -> None:
    """The permission that would help is named whatever else was seen first."""
    _, error = Tree(a=[NotThere("deleted")], b=[Denied("no list")]).walk()

    assert type(error) is Denied


def test_what_cannot_have_children_is_whole() -> None:
    """By the platform's word nothing is inside: that is an answer."""
    paths, error = Tree(b=[NotUsed("folders are off")]).walk()

    assert (paths, error) == ([path for path in PATHS if path[:2] != ("org", "b") or len(path) == 2], None)


@pytest.mark.parametrize("ends", [Unavailable("down"), Unexpected("no JSON")])
def test_an_outage_ends_the_walk(ends: ConnectorError) -> None:
    """A platform that is down is not asked ten thousand times more."""
    tree = Tree(a=[ends])
    paths, error = tree.walk()

    assert error is ends
    assert paths == PATHS[:3]
    assert tree.asked == ["org", "a"]


def test_a_cycle_ends() -> None:
    """Groups may be members of each other: each is yielded once."""
    tree = Tree(a1=["org", "a"])

    assert tree.walk() == ([path for path in PATHS if path[-1] != "p1"], None)
    assert sorted(tree.asked) == sorted(set(tree.asked))


def test_a_container_that_is_reached_twice_has_its_shortest_path() -> None:
    """Two ways to one group are one group."""
    paths, error = Tree(a2=["b1"], org=["a", "b", "p1"]).walk()

    assert error is None
    assert [path for path in paths if path[-1] in {"b1", "p1"}] == [("org", "p1"), ("org", "b", "b1")]
    assert len({path[-1] for path in paths}) == len(paths)


def test_two_roots_that_lie_in_each_other_are_one_tree() -> None:
    """Settings may name an organization and a folder of it."""
    paths, _ = Tree().walk("a", "org")

    assert paths[:2] == [("a",), ("org",)]
    assert len(paths) == len(PATHS)


def test_absurd_depth_is_not_followed_and_not_silent() -> None:
    """A tree without an end gives what was reached, and says that there is more."""
    tree = Tree(**{f"d{number}": [f"d{number + 1}"] for number in range(100)})
    paths, error = tree.walk("d0", deepest=10)

    assert [len(path) for path in paths] == list(range(1, 11))
    assert type(error) is Unexpected
    assert "d9: " in error.what


def test_the_deepest_level_may_be_a_leaf() -> None:
    """Exactly as deep as is allowed is whole."""
    assert Tree().walk(deepest=4) == (PATHS, None)
