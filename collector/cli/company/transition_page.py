"""`annexd gaps --from --to` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.page import Styled
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.controls.transition_views import TransitionControl, TransitionView

_TITLES = {
    "new": "New: nothing of the earlier edition is about it",
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
        "Checks look at the same platforms in both editions, so what they saw carries over as it is. Records carry over"
        " where the question is the same; what is only a part of a question has to be filed anew.",
        indent=2,
    )
    for how, title in _TITLES.items():
        mine = [one for one in shape.controls if one.how == how]
        out.head(f"{title}: {plural(len(mine), 'control')}")
        for one in mine:
            _show(one, out)
    if shape.dropped:
        out.head("Nothing follows these")
        out.rows(shape.dropped.items())


def _show(one: TransitionControl, out: Page) -> None:
    role = "" if one.role is None else f" ({one.role})"
    out.line(Styled(one.id, "bold"), f"{one.title}{role}:", one.label, indent=2)
    rows = []
    if one.predecessors:
        rows.append(("before", "; ".join(f"{id_} {title}" for id_, title in one.predecessors.items())))
    if one.decisions:
        rows.append(("decided", "; ".join(f"{id_} {said}" for id_, said in one.decisions.items())))
    rows.append(("looked at by", plural(one.checks, "check")) if one.how == "new" else ("carries over", _carried(one)))
    shown = one.open[:_REASONS]
    more = len(one.open) - len(shown)
    rows += [("open", reason) for reason in shown]
    if more:
        rows.append(("", f"and {plural(more, 'more reason')}: annexd controls show {one.id}"))
    out.rows(rows, indent=6)


def _carried(one: TransitionControl) -> str:
    parts = [plural(one.checks, "check")] if one.checks else []
    for each in one.carried:
        part = "" if each.whole else ", in part"
        parts.append(f"{each.filed_as} of leaf {each.leaf} for {each.ask}{part}, valid until {each.valid_until}")
    return "; ".join(parts) or "nothing"
