"""Words that pages have for verdicts, states and names, served or in a bundle."""

from __future__ import annotations

from collector.core.resources import ONLY
from collector.report.controls.status_view import LABELS

VERDICT_WORDS = {
    "fail": "Fail",
    "accepted": "Fail, accepted",
    "unknown": "Unknown",
    "pass": "Pass",
    "not_applicable": "No resources",
}
"""The verdicts as people read them."""

STATE_WORDS = {state.value: label for state, label in LABELS.items()}
"""The states of a control as people read them."""


def resource_name(subject: str) -> str:
    """Return the name of a resource for people; a finding about a whole place has none of its own."""
    return "(as a whole)" if subject in {"", ONLY} else subject
