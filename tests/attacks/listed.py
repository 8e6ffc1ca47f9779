"""The edits of a store that cannot be found without a key or a checkpoint from outside, each with the reason.

The list stands in docs/integrity.md too.
"""

from __future__ import annotations

import re

LISTED = (
    (r"lease: .*", "the row that says who writes now is no evidence, and is replaced at each start"),
    (
        r"blob: change id of row .*",
        "the number of a body is no evidence; where a version refers to it, the change is found by that",
    ),
    (
        r"log_leaf: delete row last",
        "the last log entry was not signed yet: only who has seen it, or a checkpoint over it, shows that it was there",
    ),
)
"""Patterns of names, and why these edits are not found."""


def why_not(name: str) -> str | None:
    """Return why an edit of this name cannot be found; None where it has to be."""
    return next((why for pattern, why in LISTED if re.fullmatch(pattern, name)), None)
