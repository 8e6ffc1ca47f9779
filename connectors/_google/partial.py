"""Answers that Google gives in part, with status 200: what of a list could not be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HARMLESS = frozenset({"NO_RESULTS_ON_PAGE"})
"""Codes of warnings that say that nothing is missing: a place that holds none of what is listed."""

_MISSING = ("unreachable", "unreachables", "missingZones")
"""Where APIs name the places that they could not reach."""


def left_out(page: Any) -> Iterator[str]:
    """Yield what a page says is missing from it, in Google's words; nothing where the page is whole.

    Compute Engine: `unreachables`, `warning`, and a `warning` of each place in a map of items. Cloud SQL and Reports:
    `warnings`. Kubernetes Engine: `missingZones`. Everything else: `unreachable`.
    """
    if not isinstance(page, dict):
        return
    for key in _MISSING:
        yield from (f"{place} could not be reached" for place in _listed(page.get(key)))
    yield from _warned(page.get("warning"), "")
    for warning in _listed(page.get("warnings")):
        yield from _warned(warning, "")
    items = page.get("items")
    if isinstance(items, dict):
        for place, inside in items.items():
            if isinstance(inside, dict):
                yield from _warned(inside.get("warning"), place)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _warned(warning: object, place: str) -> Iterator[str]:
    if warning is None:
        return
    found: Mapping[str, Any] = warning if isinstance(warning, dict) else {"message": warning}
    code = found.get("code", "")
    if code not in _HARMLESS:
        said = [place, found.get("region", ""), code, found.get("message", "")]
        yield ": ".join(str(word)[:200] for word in said if word) or "a warning without words"
