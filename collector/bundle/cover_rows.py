"""What a row of the cover is, and how it is put in few words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.report.controls.control_views import FrameworkControls

NOT_STATED = "not stated"

CHANGES, COVERAGE, POPULATIONS, RECORDS = "changes.html", "coverage.html", "populations.html", "records.html"
PROVENANCE = "provenance.html"

LINES = 5
"""Lines of a long list on the cover, which says how many more there are; the pages list all."""

_AMENDMENT = re.compile(r"Amd \d+:\d{4}")

_LONGEST = 110
"""Characters of a reason on the cover; the pages have the whole reason."""


class CoverRow(Struct, frozen=True):
    """A name and its text; `grey` where something is not known or was left out.

    `links` are parts of the text, in their order, with the page that lists what each counts; `href` is the page of the
    name.
    """

    name: str
    text: str
    grey: bool = False
    links: tuple[tuple[str, str], ...] = ()
    href: str = ""


def cited(framework: FrameworkControls) -> str:
    """Return a framework version as it is cited, with its amendments by number and year."""
    amended = ", ".join(found[0] for text in framework.amendments if (found := _AMENDMENT.search(text)))
    return f"{framework.name}:{framework.edition}" + (f" ({amended})" if amended else "")


def gist(change: str) -> str:
    """Return what changed, without the two values where these are digests; the page of the changes has them."""
    what, _, became = change.rpartition(" became ")
    return what.rpartition(": ")[0] if became.startswith("sha256:") else change


def some_of(listed: tuple[str, ...]) -> str:
    """Return the first few of a list, and how many more there are."""
    more = f" and {len(listed) - LINES} more" if len(listed) > LINES else ""
    return ", ".join(listed[:LINES]) + more


def shortened(text: str) -> str:
    """Return a reason at the length that the cover has room for."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def number_or_none(number: int) -> str:
    """Return a count; zero is written as none."""
    return str(number) if number else "none"
