"""What a finding is about, as people read it: a resource by its key, or the account or repository that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.findings import WHOLE
from collector.core.resources import ONLY

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = {
    "aws": ("account", "region"),
    "azure": ("subscription",),
    "entra": ("tenant",),
    "m365": ("tenant",),
    "github": ("organization", "repository"),
    "gcp": ("project",),
    "gitlab": ("group", "project"),
    "googleworkspace": ("customer",),
    "okta": ("organization",),
}
"""The levels of the built-in connectors, from the outermost, by the first word of their checks.

A test compares them with the connectors' own.
"""


def resource_name(check: str, scope: Sequence[str], subject: str) -> str:
    """Return the key of a resource; for a finding about a whole account or the like its kind, such as "(account)".

    Of a connector that is not built in the kind is not known here, and its name stands instead.
    """
    if subject not in {WHOLE, ONLY}:
        return subject
    levels = LEVELS.get(check.partition("_")[0], ())
    if 0 < len(scope) <= len(levels):
        return f"({levels[len(scope) - 1]})"
    return f"({scope[-1]})" if scope else "(source)"
