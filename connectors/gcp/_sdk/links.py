"""Names of resources, which Google writes as links with a host, as full names, or as paths."""

from __future__ import annotations


def path_of(link: str) -> str:
    """Return the path of a link or a full name, from `projects/` on: host and version differ by who writes it."""
    start = link.find("projects/")
    return link[start:] if start >= 0 else link


def last_of(link: str) -> str:
    """Return the last part of a link, such as the zone of an instance."""
    return link.rpartition("/")[2]
