"""What the demo prints: one screen of at most 40 lines and 80 columns, on a terminal and anywhere else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from collector.cli.terminal.page import Page, Styled

if TYPE_CHECKING:
    from typing import TextIO

    from collector.demo.views import BestControl, DemoBundle, DemoView, ScanTotals, WorstFinding

_WIDTH = 80
_NAME = 16  # columns of the name of a theme, with the space after it
_INDENT = 2
_BESIDE = 16  # columns that the first of several lines may have less, for what stands before it or does not fit

_SIGNS = {"failing": "#", "unknown": "?", "incomplete": "o", "evidenced": "=", "excluded": "-"}
"""A sign for each state, in the order of precedence of deviations; none of them needs a colour."""

_LEGEND = "# open deviations  ? not established  o records missing  = on file  - excluded"


def screen(out: TextIO) -> Page:
    """Return a page that is no wider than 80 columns."""
    if not out.isatty():
        return Page(out, width=_WIDTH)
    has_colours = os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")
    return Page(out, width=min(shutil.get_terminal_size().columns, _WIDTH), colour=has_colours)


def show_demo(shape: DemoView, out: Page) -> None:
    """Print everything."""
    out.paragraph(shape.company)
    if shape.left_out:
        parts = (f"{name} (pip install 'annexd[{extra}]')" for name, extra in shape.left_out.items())
        out.paragraph(f"Left out, because its packages are not here: {', '.join(parts)}")
    out.paragraph(_looked(shape.looked))
    out.head(f"ISO/IEC 27001:2022 Annex A, {sum(theme.controls for theme in shape.themes)} controls, one sign each")
    for theme in shape.themes:
        bar = "".join(sign * theme.states[state] for state, sign in _SIGNS.items())
        name = theme.theme.removesuffix(" controls")
        out.verbatim([f"{name:{_NAME}}{bar}"], indent=_INDENT)
    out.verbatim([_LEGEND], indent=_INDENT)
    out.head(f"The worst of {shape.open_findings} open findings in scope")
    for finding in shape.worst:
        style = "red" if finding.severity == "critical" else ""
        out.line(Styled(f"{finding.severity:8}", style), _cut(_worst(finding), lines=2), indent=_INDENT)
    out.head("What could not be seen, by the permission that it needs")
    for gap in shape.not_seen:
        out.line(_cut(f"{gap.permission}: {gap.what}"), indent=_INDENT)
    out.gap()
    out.paragraph(_cut(f"As good as it gets: {_best(shape.best)}", lines=2))
    _show_bundle(shape.bundle, out)
    out.head("Try next; --help lists all commands")
    out.verbatim(shape.next, indent=_INDENT)


def _looked(looked: ScanTotals) -> str:
    return (
        f"Looked at {looked.times} times on a simulated clock, {looked.first} to {looked.last}: {looked.collections}"
        f" collections, {looked.requests:,} requests in all, in {looked.seconds:.0f} seconds."
    )


def _worst(finding: WorstFinding) -> str:
    alike = f" (and {finding.alike} alike)" if finding.alike else ""
    noun = _NOUNS.get(finding.check.split("_")[2] if finding.check.count("_") > 1 else "", "")
    named = f"{noun} " if noun and finding.reason.startswith(f"{finding.subject} ") else ""
    return f"{named}{finding.reason}{alike}"


_NOUNS = {"role": "the role", "user": "the user", "bucket": "the bucket", "snapshot": "the snapshot"}
"""What a check's subject is, where its reason begins with a bare name."""


def _best(best: BestControl) -> str:
    rests = [f"{best.passes} passes" if best.passes else "", f"{best.records} valid records" if best.records else ""]
    return f"{best.id} {best.title}: {best.label}, {' and '.join(filter(None, rests)) or 'nothing yet'}"


def _show_bundle(bundle: DemoBundle, out: Page) -> None:
    out.head("The auditor's bundle of these days")
    match bundle.verified:
        case True:
            word = "verified by its own verify.py in a plain Python, without annexd: PASS"
        case False:
            word = f"not verified by its own verify.py: {bundle.said}"
        case None:
            word = f"not verified: {bundle.said}"
    out.line(_cut(word), indent=_INDENT)
    out.verbatim([bundle.path, bundle.page], indent=_INDENT)


def _cut(text: str, *, lines: int = 1) -> str:
    """Cut a text to so many lines; the commands that are named have the whole of it."""
    most = (_WIDTH - _BESIDE) * lines if lines > 1 else _WIDTH - _INDENT
    return text if cell_len(text) <= most else set_cell_size(text, most - 3).rstrip() + "..."
