"""Who made a resource and who changed it last, which Azure shows of most of them: often a person's address."""

from __future__ import annotations

_KEYS = ("systemData.createdBy", "systemData.lastModifiedBy")


def makers(*parts: str) -> tuple[str, ...]:
    """Return the paths for `redact` of a kind: of the resource itself, and of what some of its parts are."""
    return (*_KEYS, *(f"{part}.{key}" for part in parts for key in _KEYS))


MAKERS = makers()
"""The paths for `redact` of a kind whose parts are no resources."""
