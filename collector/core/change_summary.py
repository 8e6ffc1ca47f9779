"""What an auditor asks first of a sampled change: what it is, whose, who approved it, and where to look it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct


class ChangeSummary(Struct, frozen=True, kw_only=True):
    """A change as a line of a sampling sheet; a text is empty where the evidence does not have it.

    `approvers` are those whose approval stood when the change was made, `notes` say what of this could not be seen.
    """

    title: str = ""
    author: str = ""
    approvers: tuple[str, ...] = ()
    link: str = ""
    notes: tuple[str, ...] = ()


Summarize = Callable[[Mapping[str, Any]], ChangeSummary]
"""Makes the summary of a change from its stored body, with the volatile keys put back in. It raises nothing."""
