"""What to grant annexd on Google Cloud: a custom role with the least permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the definition of the role as text."""
    return "\n".join(sorted(kinds_by_permission))
