"""What the words on the pages mean: states, verdicts, strengths, and what these pages do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages

STATES = {
    "failing": "At least one direct check fails, or all its resources are accepted. It says nothing of seriousness, and"
    " is not an audit nonconformity.",
    "unknown": "Something needed could not be seen, is too old, or was not run; the reasons are listed. Neither good"
    " nor bad. An unknown verdict makes a control not established.",
    "incomplete": "No open deviation was seen; records from people are missing or expired, or the SoA says planned.",
    "evidenced": "Every direct check ran on every system in scope within its time limit, with no open deviation, and"
    " every record asked for is on file and valid. Not a conclusion on conformity or effectiveness: that is the"
    " auditor's.",
    "excluded": "The statement of applicability excludes it, with a justification. Its findings stay listed, and it is"
    " contradicted where a risk uses the control as treatment.",
}
VERDICT_MEANINGS = {
    "fail": "What the check asks for does not hold, on what was seen.",
    "accepted": "It fails, and an exception in force covers it. An exception changes no verdict and covers no unknown"
    " one.",
    "unknown": "What was seen does not decide it: it was refused, is incomplete or too old. Never a pass.",
    "pass": "What the check asks for holds on this resource, at the time of the observation. Only this point is shown.",
    "not_applicable": "There is nothing to check: 0 of a complete list, or what is documented to make no sense there.",
}
STRENGTHS = {
    "direct": "Tests something that the control itself asks for. A fail is an open deviation; a pass proves only this"
    " point.",
    "supporting": "Makes the control more or less plausible. It can neither establish it nor fail it.",
    "contextual": "Background for the reader, without weight.",
}


def methods(pages: Pages, request: Request) -> Response:
    """Return the page; it needs no store, so it is there when the store is not."""
    return pages.answer(
        request, "web/methods.html", states=STATES, verdict_meanings=VERDICT_MEANINGS, strengths=STRENGTHS
    )
