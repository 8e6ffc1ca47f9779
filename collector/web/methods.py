"""What the words on the pages mean: states, verdicts, strengths, and what these pages do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.assess import MEANINGS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages

VERDICT_MEANINGS = {
    "fail": "What the check asks for does not hold, on what was seen.",
    "accepted": "It fails, and an exception in force covers it. An exception changes no verdict and covers no unknown"
    " one.",
    "unknown": "What was seen does not decide it: it was refused, is incomplete or too old. Never a pass; it makes"
    " a control not established.",
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
        request,
        "web/methods.html",
        states={state.value: meaning for state, meaning in MEANINGS.items()},
        verdict_meanings=VERDICT_MEANINGS,
        strengths=STRENGTHS,
    )
