"""The numbers of log entries that a bundle shows as hashes only, as text in the log entry of its export.

They are about evidence requests of other audits. Their number alone would let others be hidden in their place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.bundle.proofs.tree import ranges_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

REQUESTS = "requests_withheld"
"""The key in what the log entry of an export is about."""

_TEXT = re.compile(r"[0-9]{1,15}(-[0-9]{1,15})?(,[0-9]{1,15}(-[0-9]{1,15})?)*")


def show_numbers(entries: Collection[int]) -> str:
    """Return numbers of log entries in their order, those that follow each other as `first-last`."""
    spans = ranges_of(entries)
    return ",".join(str(start) if end == start + 1 else f"{start}-{end - 1}" for start, end in spans)


def read_numbers(text: str) -> list[tuple[int, int]]:
    """Return the spans of numbers, both ends included, that `show_numbers` wrote; none of another text."""
    if not _TEXT.fullmatch(text):
        return []
    pairs = (span.partition("-") for span in text.split(","))
    return [(int(first), int(last or first)) for first, _, last in pairs]


def first_not_stated(entries: Iterable[int], about: Mapping[str, str]) -> int | None:
    """Return the first of these log entries that is not among the stated numbers, None where all are."""
    spans = sorted(read_numbers(about.get(REQUESTS, "")), reverse=True)
    for entry in sorted(entries):
        while spans and spans[-1][1] < entry:
            spans.pop()
        if not spans or entry < spans[-1][0]:
            return entry
    return None
