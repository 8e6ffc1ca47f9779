"""How a list continues. Each way says when a list ends, and takes nothing that is missing or odd for an end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from collector.core.errors import Unexpected
from connectors._http.replies import Reply


class _Missing:
    """What is found where nothing is; null is something."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


@dataclass(frozen=True)
class InHeader:
    """A value in a header of the answer, such as X-Total; whole numbers are read as such."""

    name: str


Place = str | tuple[str, ...] | InHeader
"""Where a value is: a key of the answer, the keys that lead to it, or a header."""


@dataclass(frozen=True)
class OmittedIfEmpty:
    """A key that a page leaves out where it has no items, by the platform's documentation, as Google does.

    Only for platforms that document it: without the key nothing tells an empty list from another answer.
    """

    place: Place


Items = Place | OmittedIfEmpty | Callable[[Any], Any] | None
"""Where a page has its items: None where it is the list itself; a function of the JSON for what is deeper."""


@dataclass(frozen=True)
class Page:
    """One answer of a list.

    `listed` counts the items up to its end; `total` is the platform's own count, None where it was not asked for.
    """

    operation: str
    url: httpx.URL
    reply: Reply
    body: Any
    items: list[Any]
    listed: int
    total: int | None

    def find(self, place: Place) -> Any:
        """Return the value at a place, MISSING where there is none."""
        if isinstance(place, InHeader):
            text = self.reply.headers.get(place.name.lower())
            return MISSING if text is None else int(text) if re.fullmatch(r"\d{1,15}", text, re.ASCII) else text
        found = self.body
        for key in (place,) if isinstance(place, str) else place:
            if not isinstance(found, dict) or key not in found:
                return MISSING
            found = found[key]
        return found


Next = str | Mapping[str, str] | None
"""The next page: its address, or the parameters that change; None where there is none."""


class Paging(Protocol):
    """One way in which a platform cuts its lists into pages."""

    def after(self, page: Page) -> Next:
        """Return what comes after a page. Raises Unexpected where the page does not say."""


def shown(place: Place) -> str:
    """Return a place as people read it."""
    match place:
        case InHeader(name):
            return f"the header {name}"
        case str():
            return place
        case _:
            return ".".join(place)


def _text(page: Page, place: Place, *, omitted: bool, what: str) -> str | None:
    """Return a text or a number at a place, None for null, an empty text, and nothing where that is how a list ends."""
    value = page.find(place)
    if value is MISSING and not omitted:
        raise Unexpected(f"{page.operation} was answered without {shown(place)}, which holds {what}")
    if value is MISSING or value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unexpected(f"{page.operation}: {shown(place)} is no {what}, but {str(value)[:60]}")
    return str(value)


@dataclass(frozen=True)
class NextLink:
    """The answer holds the address of the next page, such as `@odata.nextLink`; null at the end.

    `omitted`: by the platform's documentation the last page leaves the key out. Otherwise a page without it is refused.
    """

    place: Place
    omitted: bool = False

    def after(self, page: Page) -> Next:
        """Return the address."""
        return _text(page, self.place, omitted=self.omitted, what="the address of the next page")


@dataclass(frozen=True)
class Cursor:
    """The answer holds a word that asks for the next page in the parameter `param`: cursor, page token, next page.

    `omitted` as for NextLink. `more` is where the answer says whether there is more, for platforms that send a cursor
    with the last page too.
    """

    place: Place
    param: str
    omitted: bool = False
    more: Place | None = None

    def after(self, page: Page) -> Next:
        """Return the parameter."""
        if self.more is not None:
            more = page.find(self.more)
            if not isinstance(more, bool):
                raise Unexpected(f"{page.operation}: {shown(self.more)} does not say whether there is more: {more}")
            if not more:
                return None
        cursor = _text(page, self.place, omitted=self.omitted and self.more is None, what="the next page")
        if cursor is None and self.more is not None:
            raise Unexpected(f"{page.operation} has more by its own word, and {shown(self.place)} does not say where")
        return {self.param: cursor} if cursor is not None else None


_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w!#$%&+\-.^`|~*]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]*))?)*)')
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"([^"]*)"|([^\s",;]*)))?')


@dataclass(frozen=True)
class LinkHeader:
    """The header Link names the next page (RFC 8288).

    `always`: the platform sends the header with every page, the last one too, so that a page without it is refused.
    """

    always: bool = False

    def after(self, page: Page) -> Next:
        """Return the address of the link with the relation `next`."""
        header = page.reply.headers.get("link")
        if header is None:
            if self.always:
                raise Unexpected(f"{page.operation} was answered without the header Link, which holds the next page")
            return None
        found = links(header)
        if not found and header.strip():
            raise Unexpected(f"{page.operation}: the header Link cannot be read: {header[:80]!r}")
        return found.get("next")


def links(header: str) -> dict[str, str]:
    """Return the addresses of a Link header by their relation; the first one of each counts."""
    found: dict[str, str] = {}
    for address, parameters in _LINK.findall(header):
        values = (quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters) if name.lower() == "rel")
        for relation in next(values, "").lower().split():  # of two `rel` in one link, the first counts
            found.setdefault(relation, address)
    return found


@dataclass(frozen=True)
class Offset:
    """The parameter `param` counts the items that come before a page, or with `by_page` the pages, from `first` on.

    The list ends with the platform's total where `pages` is told where that is, and with an empty page otherwise: a
    page that is shorter than was asked for may have been cut by the platform.
    """

    param: str = "offset"
    first: int = 0
    by_page: bool = False

    def after(self, page: Page) -> Next:
        """Return the parameter. Raises Unexpected for an empty page before the total."""
        if page.total is not None and page.listed >= page.total:
            return None
        if not page.items:
            if page.total is not None:
                raise Unexpected(f"{page.operation} counts {page.total}, and its pages ended after {page.listed}")
            return None
        if not self.by_page:
            return {self.param: str(self.first + page.listed)}
        return {self.param: str(self._number(page) + 1)}

    def _number(self, page: Page) -> int:
        asked = page.url.params.get(self.param, str(self.first))
        return int(asked)


_MORE = (
    ("next",),
    ("nextLink",),
    ("@odata.nextLink",),
    ("next_page",),
    ("nextPage",),
    ("next_cursor",),
    ("nextCursor",),
    ("nextPageToken",),
    ("next_page_token",),
    ("nextToken",),
    ("has_more",),
    ("hasMore",),
    ("_links", "next"),
    ("links", "next"),
    ("pagination", "next"),
)


@dataclass(frozen=True)
class OnePage:
    """By the platform's documentation the list comes as a whole. An answer that speaks of another page is refused."""

    def after(self, page: Page) -> Next:
        """Return that there is none. Raises Unexpected where the platform says that there is more."""
        if "next" in links(page.reply.headers.get("link", "")):
            raise Unexpected(f"{page.operation} has more pages than are read: its header Link says so")
        for place in _MORE:
            if isinstance(page.body, dict) and page.find(place) not in (MISSING, None, False, "", 0):
                raise Unexpected(f"{page.operation} has more pages than are read: {shown(place)} says so")
        return None


def items_of(page: Page, where: Items) -> list[Any]:
    """Return the items of a page. Raises Unexpected where there is no list, or something else in its place."""
    match where:
        case None:
            found = page.body
        case OmittedIfEmpty(place):
            found = page.find(place) if isinstance(page.body, dict) else None
            found = [] if found is MISSING else found
        case str() | tuple() | InHeader():
            found = page.find(where)
        case _:
            try:
                found = where(page.body)
            except (LookupError, TypeError, AttributeError):
                found = MISSING
    if isinstance(found, list):
        return found
    at = f" under {shown(where)}" if isinstance(where, str | tuple) else ""
    raise Unexpected(f"{page.operation} was answered without a list{at}")


def count_at(page: Page, place: Place) -> int:
    """Return the platform's own count of a list. Raises Unexpected where it is no whole number, or missing."""
    value = page.find(place)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unexpected(f"{page.operation}: {shown(place)} counts nothing: {str(value)[:60]}")
    return value
