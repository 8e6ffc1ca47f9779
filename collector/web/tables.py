"""A plain list as a page and as a file: both are made of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import PlainTextResponse

from collector.web.exports import Export, file_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot


_BRIEF, _LONG = 26, 60
"""Letters of a column whose texts are short or long."""


class Cell(NamedTuple):
    """A text, with where it leads, or with the look of a state."""

    text: str
    address: str = ""
    state: str = ""


class TableRow(NamedTuple):
    """One row; `id` is its name within the page, empty where nothing leads to it."""

    cells: tuple[Cell, ...]
    id: str = ""


class Listing(NamedTuple):
    """A list: its address, heads with widths, rows, and what is said of it. `chips` are text, address and chosen.

    `total` is how many rows the file has, where the page has a part of them. `wide` are the heads of columns that are
    shown where there is room for them.
    """

    path: str
    title: str
    about: str
    empty: str
    heads: tuple[tuple[str, int], ...]
    rows: Sequence[TableRow]
    chips: Sequence[tuple[str, str, bool]] = ()
    next_address: str = ""
    next_text: str = "Older"
    total: int | None = None
    wide: frozenset[str] = frozenset()


def listed(pages: Pages, request: Request, snapshot: Snapshot, listing: Listing) -> Response:
    """Return the list as the address asks for it: a page, or a file where it has an ending."""
    kind = request.path_params.get("kind")
    if kind is not None:
        rows = (tuple(cell.text for cell in row.cells) for row in listing.rows)
        return file_of(Export(listing.path.strip("/"), snapshot.basis.at, listing.heads, rows), kind)
    query = request.url.query
    return pages.answer(
        request,
        "web/table.html",
        snapshot=snapshot,
        title=listing.title,
        about=listing.about,
        empty=listing.empty,
        heads=[head for head, _ in listing.heads],
        looks=[
            _look((row.cells[number].text for row in listing.rows), is_wide=head in listing.wide)
            for number, (head, _) in enumerate(listing.heads)
        ],
        rows=listing.rows,
        chips=listing.chips,
        next_address=listing.next_address,
        next_text=listing.next_text,
        total=len(listing.rows) if listing.total is None else listing.total,
        query_export=lambda ending: f"{listing.path}.{ending}" + (f"?{query}" if query else ""),
    )


def being_made(pages: Pages, request: Request, snapshot: Snapshot, title: str) -> Response:
    """Return what stands for a list that is still being made: a page that is fetched again, or no file yet."""
    if request.path_params.get("kind") is not None:
        again = {"retry-after": "5"}
        return PlainTextResponse("This list is being made. Ask again in a few seconds.\n", 503, headers=again)
    return pages.answer(request, "web/being_made.html", snapshot=snapshot, title=title)


def _look(texts: Iterable[str], *, is_wide: bool) -> str:
    """Return the classes of a column: of numbers, of short texts that stay in one line, or of long ones."""
    shown = [text for text in texts if text]
    longest = max(map(len, shown), default=0)
    if shown and all(text.isdecimal() for text in shown):
        look = "r"
    else:
        look = "brief" if longest <= _BRIEF else "long" if longest > _LONG else ""
    return f"{look} opt".strip() if is_wide else look
