"""Names of resources, which Google writes as links with a host, as full names, or as paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.core.resources import Body


def path_of(link: str) -> str:
    """Return the path of a link or a full name, from `projects/` on: host and version differ by who writes it."""
    start = link.find("projects/")
    return link[start:] if start >= 0 else link


def last_of(link: str) -> str:
    """Return the last part of a link, such as the zone of an instance."""
    return link.rpartition("/")[2]


def placed(listed: Iterable[Body]) -> Iterator[Body]:
    """Yield resources of Compute Engine, each with its place in the project: zones/europe-west3-a/instances/web-1.

    Names are unique in a zone or region only, and links are too long to be read.
    """
    for body in listed:
        yield {**body, "place": path_of(body["selfLink"]).split("/", 2)[2]}
