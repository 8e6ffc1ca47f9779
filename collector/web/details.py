"""The page of one thing: what is known of it, line by line, and tables of what belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from collector.core.errors import UsageError
from collector.setup.toml_file import would_do
from collector.web.addresses import control_address
from collector.web.tables import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot
    from collector.web.tables import TableRow

_Thing = TypeVar("_Thing")


class Fact(NamedTuple):
    """A line: what is said, and the texts of it, each with where it leads."""

    name: str
    cells: tuple[Cell, ...]


class Section(NamedTuple):
    """A table with its title; `note` stands below it, `empty` in place of a table without rows."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[TableRow]
    empty: str
    note: str = ""


class Detail(NamedTuple):
    """One thing: the list that it is in with its address, what it is called, and what is known of it."""

    list_name: str
    list_address: str
    title: str
    about: str
    facts: Sequence[Fact]
    sections: Sequence[Section] = ()
    facts_title: str = "What is on file"


def fact(name: str, *texts: object) -> Fact:
    """Return a line of texts; those that are None or empty are left out."""
    return Fact(
        name,
        tuple(text if isinstance(text, Cell) else Cell(str(text)) for text in texts if text is not None and text != ""),
    )


def detailed(
    pages: Pages,
    request: Request,
    snapshot: Snapshot,
    detail: Detail,
    template: str = "web/detail.html",
    **values: Any,  # noqa: ANN401  whatever the template names
) -> Response:
    """Return the page; lines of which nothing is known are left out. `template` may be one that goes on from it."""
    facts = [known for known in detail.facts if known.cells]
    return pages.answer(
        request, template, snapshot=snapshot, detail=detail, facts=facts, sections=detail.sections, **values
    )


def of_name(what: str, name: str, known: Mapping[str, _Thing]) -> _Thing:
    """Return a thing by its name. Raises UsageError where there is none of it."""
    if name not in known:
        raise UsageError(f"there is no {what} {name!r}", mend=would_do(name, known, "there are"))
    return known[name]


def controls_of(names: Sequence[str], as_of: str) -> Iterator[Cell]:
    """Yield controls such as `iso27001:2022/8.5`, each with where it leads."""
    for name in names:
        framework, _, control = name.partition("/")
        yield Cell(name, control_address(framework, control.partition("/")[0], as_of))
