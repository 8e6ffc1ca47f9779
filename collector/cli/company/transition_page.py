"""`annexd gap-analysis --from --to` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.page import Styled
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.controls.transition_views import TransitionControl, TransitionView

_TITLES = {
    "new": "New: nothing in the earlier version is about it",
    "merged": "Merged from several",
    "split": "With a predecessor that went into several",
    "same": "One to one",
}

_REASONS = 2


def show_transition(shape: TransitionView, out: Page) -> None:
    """Print what moving over takes, what is new first."""
    out.line(Styled(f"From {shape.earlier} to {shape.later}", "bold"), f"as of {show_moment(shape.at)}")
    out.line(" / ".join(f"{count} {how}" for how, count in shape.counts.items()), indent=2)
    out.paragraph(
        "Checks read the same platforms for both versions, so what they found carries over as it is. Records carry over"
        " where the question is the same; what is only a part of a question has to be filed anew.",
        indent=2,
    )
    for how, title in _TITLES.items():
        mine = [item for item in shape.controls if item.how == how]
        out.head(f"{title}: {plural(len(mine), 'control')}")
        for item in mine:
            _show(item, out)
    if shape.dropped:
        out.head("Nothing follows these")
        out.rows(shape.dropped.items())


def _show(control: TransitionControl, out: Page) -> None:
    role = "" if control.role is None else f" ({control.role})"
    out.line(Styled(control.id, "bold"), f"{control.title}{role}:", control.label, indent=2)
    rows = []
    if control.predecessors:
        rows.append(("before", "; ".join(f"{id_} {title}" for id_, title in control.predecessors.items())))
    if control.decisions:
        rows.append(("decided", "; ".join(f"{id_} {said}" for id_, said in control.decisions.items())))
    rows.append(
        ("checked by", plural(control.checks, "check")) if control.how == "new" else ("carries over", _carried(control))
    )
    shown = control.open[:_REASONS]
    more = len(control.open) - len(shown)
    rows += [("open", reason) for reason in shown]
    if more:
        rows.append(("", f"and {plural(more, 'more reason')}: annexd controls show {control.id}"))
    out.rows(rows, indent=6)


def _carried(control: TransitionControl) -> str:
    parts = [plural(control.checks, "check")] if control.checks else []
    for record in control.carried:
        part = "" if record.whole else ", in part"
        parts.append(
            f"{record.filed_as} of log entry {record.leaf} for {record.request}{part}, valid until {record.valid_until}"
        )
    return "; ".join(parts) or "nothing"
