"""The inputs of a management review (ISO/IEC 27001, clause 9.3.2) as Markdown; it draws no conclusion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.plain_text import plural, safe, show_moment
from collector.report.company.action_views import follow_up_text
from collector.report.controls.status_view import LABELS
from collector.report.periods.metrics_views import met_text, target_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.report.company.action_views import ActionView
    from collector.report.periods.metrics_views import MetricView
    from collector.report.periods.review_views import ObjectiveView, ReviewPackView

NOT_STATED = "Not stated."
"""Written where nothing is on file; the meeting has to supply it."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def markdown(shape: ReviewPackView) -> str:
    """Return the pack."""
    return "\n".join(_lines(shape)) + "\n"


def _lines(shape: ReviewPackView) -> Iterator[str]:
    yield f"# Inputs of the management review, {shape.first} to {shape.last}"
    yield ""
    yield (
        f"As of {show_moment(shape.at)}. The inputs are in the order of ISO/IEC 27001:2022, clause 9.3.2, and come from"
        " collected evidence and from what is on file. The review draws the conclusions; this document draws none."
    )
    yield from _part("a", "Status of earlier decisions", _decisions(shape))
    yield from _part("b", "Changes in external and internal issues", _issues(shape))
    yield from _part("c", "Needs of interested parties", _parties(shape))
    yield from _part("d 1", "Nonconformities and corrective actions", _actions(shape))
    yield from _part("d 2", "Monitoring and measurement", _measured(shape))
    yield from _part("d 3", "Audit results", _audits(shape))
    yield from _part("d 4", "Objectives", (_objective(objective) for objective in shape.objectives))
    yield from _part("e", "Feedback from interested parties", _feedback(shape))
    yield from _part("f", "Risks and their treatment", _risks(shape))
    yield from _part(
        "g",
        "Opportunities for improvement",
        (
            f"{_text(opportunity.text)} ({_text(opportunity.raised_by)}, {opportunity.raised_on})"
            for opportunity in shape.opportunities
        ),
    )


def _part(letter: str, title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"## {letter}) {title}"
    yield ""
    found = [f"- {line}" for line in lines]
    yield from found or [NOT_STATED]


def _text(text: str) -> str:
    """Return text that is only text: names come from platforms, and Markdown would read signs in them."""
    return _SPECIAL.sub(r"\\\1", safe(text))


def _decisions(shape: ReviewPackView) -> Iterator[str]:
    for decision in shape.decisions:
        state = f"done {decision.done_on}" if decision.done_on is not None else "overdue" if decision.late else "open"
        owner = f"{_text(decision.owner)}, due {decision.due}"
        yield f"{_text(decision.review)}: {_text(decision.text)}: **{state}** ({owner})"


def _issues(shape: ReviewPackView) -> Iterator[str]:
    for issue in shape.issues:
        changed = "changed in the period" if issue.changed else "unchanged since"
        yield f"{issue.kind}: {_text(issue.text)} ({changed}: {issue.changed_on})"


def _parties(shape: ReviewPackView) -> Iterator[str]:
    for party in shape.parties:
        changed = "changed in the period" if party.changed else "unchanged since"
        yield f"{_text(party.name)}: {_text(party.needs)} ({changed}: {party.changed_on})"


def _feedback(shape: ReviewPackView) -> Iterator[str]:
    for party in shape.parties:
        if party.feedback is not None:
            yield f"{_text(party.name)}, {party.feedback_on}: {_text(party.feedback)}"


def _actions(shape: ReviewPackView) -> Iterator[str]:
    if not shape.actions_stated:
        return
    late = sum(action.late for action in shape.open)
    yield (
        f"{len(shape.raised)} found in the period, {len(shape.closed)} closed in it,"
        f" {len(shape.open)} not closed at its end, {late} of them late"
    )
    for action in {action.id: action for action in (*shape.open, *shape.raised, *shape.closed)}.values():
        yield _action(action)


def _action(action: ActionView) -> str:
    seen = "" if action.follow_up is None else f"; follow-up by annexd: {_text(follow_up_text(action.follow_up))}"
    against = "".join(f"; inconsistent: {_text(contradiction)}" for contradiction in action.contradictions)
    late = ", overdue" if action.late and action.state != "overdue" else ""
    return (
        f"{_text(action.id)}: **{action.state}{late}**: {_text(action.deviation)} (found {action.found_on},"
        f" {_text(action.owner)}, due {action.due}){seen}{against}"
    )


def _measured(shape: ReviewPackView) -> Iterator[str]:
    for states in shape.states:
        for state, label in LABELS.items():
            then, now = states.then[state.value], states.now[state.value]
            yield f"{states.framework}, {label}: {plural(now, 'control')}, {then or 'none'} at the beginning"
    yield from (_metric(metric) for metric in shape.metrics)


def _metric(metric: MetricView) -> str:
    first, last = metric.points[0], metric.points[-1]
    owner = (
        "no target is stated"
        if metric.owner is None
        else f"target {target_text(metric)}: {met_text(last)}, {metric.owner}"
    )
    return (
        f"{_text(metric.title)}: {_text(value_text(metric, last))}; at the beginning {_text(value_text(metric, first))}"
        f" ({_text(owner)})"
    )


def _audits(shape: ReviewPackView) -> Iterator[str]:
    for audit in shape.audits:
        if audit.held_on is None:
            yield f"{_text(audit.id)}: **{audit.state}**: {_text(audit.covers)}, planned for {audit.planned_for}"
        else:
            yield f"{_text(audit.id)}, held {audit.held_on}: {_text(audit.covers)}: {_text(audit.result or '')}"


def _objective(objective: ObjectiveView) -> str:
    if objective.metric is not None:
        last = objective.metric.points[-1]
        state = f"{value_text(objective.metric, last)}; target {target_text(objective.metric)}: {met_text(last)}"
    else:
        state = "not stated" if objective.state is None else f"{objective.state}, stated {objective.stated_on}"
    owner = f"{_text(objective.owner)}, due {objective.due}"
    return f"{_text(objective.id)}: {_text(objective.text)}: {_text(state)} ({owner})"


def _risks(shape: ReviewPackView) -> Iterator[str]:
    if not shape.risks_stated:
        return
    levels = [f"{count} {_text(level)}" for level, count in shape.remaining.items() if count]
    yield f"remaining risk: {' / '.join(levels) or 'none'}"
    for risk in shape.risks:
        level = risk.residual_level
        rest = "the remaining risk is not estimated" if level is None else f"{_text(level)} remains"
        plan = "" if risk.plan is None else f": {_text(risk.plan)}"
        overdue = ", its review is overdue" if risk.overdue else ""
        faults = "".join(f"; **{_text(fault)}**" for fault in risk.faults)
        fails = sum(check.fails for check in risk.checks)
        failing = f"; {plural(fails, 'failing finding')} on it" if fails else ""
        yield (
            f"{_text(risk.id)} {_text(risk.title)}: {_text(risk.level)}, {risk.treatment}{plan}; {rest}"
            f" ({_text(risk.owner)}, review by {risk.review_by}{overdue}){faults}{failing}"
        )
