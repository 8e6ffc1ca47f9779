"""The input pack of a management review as Markdown: no line of it is a conclusion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.plain_text import plural, safe, show_moment
from collector.report.company.action_views import retest_text
from collector.report.controls.status_view import LABELS
from collector.report.periods.metrics_views import met_text, target_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.report.company.action_views import ActionView
    from collector.report.periods.metrics_views import MetricView
    from collector.report.periods.review_views import ObjectiveView, ReviewPackView

NOT_STATED = "Not stated."
"""Where nothing is on file. It is no answer, and somebody has to give one in the meeting."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def markdown(shape: ReviewPackView) -> str:
    """Return the pack."""
    return "\n".join(_lines(shape)) + "\n"


def _lines(shape: ReviewPackView) -> Iterator[str]:
    yield f"# Inputs of the management review, {shape.first} to {shape.last}"
    yield ""
    yield (
        f"As of {show_moment(shape.at)}. By the letters of ISO/IEC 27001:2022, clause 9.3.2. Put together from what was"
        " seen and what is on file; what it means is for the review to say. No conclusion on conformity is drawn."
    )
    yield from _part("a", "What became of earlier decisions", _decisions(shape))
    yield from _part("b", "What has changed outside and inside", _issues(shape))
    yield from _part("c", "What interested parties need", _parties(shape))
    yield from _part("d 1", "Nonconformities and corrective actions", _actions(shape))
    yield from _part("d 2", "What was monitored and measured", _measured(shape))
    yield from _part("d 3", "Results of audits", _audits(shape))
    yield from _part("d 4", "Objectives", (_objective(one) for one in shape.objectives))
    yield from _part("e", "What interested parties said", _feedback(shape))
    yield from _part("f", "Risks and their treatment", _risks(shape))
    yield from _part(
        "g",
        "What could be better",
        (f"{_text(one.text)} ({_text(one.raised_by)}, {one.raised_on})" for one in shape.opportunities),
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
    for one in shape.decisions:
        state = f"done {one.done_on}" if one.done_on is not None else "late" if one.late else "open"
        yield f"{_text(one.review)}: {_text(one.text)}: **{state}** ({_text(one.owner)}, due {one.due})"


def _issues(shape: ReviewPackView) -> Iterator[str]:
    for one in shape.issues:
        changed = "changed in the period" if one.changed else "the same since"
        yield f"{one.kind}: {_text(one.text)} ({changed}: {one.changed_on})"


def _parties(shape: ReviewPackView) -> Iterator[str]:
    for one in shape.parties:
        changed = "changed in the period" if one.changed else "the same since"
        yield f"{_text(one.name)}: {_text(one.needs)} ({changed}: {one.changed_on})"


def _feedback(shape: ReviewPackView) -> Iterator[str]:
    for one in shape.parties:
        if one.feedback is not None:
            yield f"{_text(one.name)}, {one.feedback_on}: {_text(one.feedback)}"


def _actions(shape: ReviewPackView) -> Iterator[str]:
    if not shape.actions_stated:
        return
    late = sum(one.late for one in shape.open)
    yield (
        f"{len(shape.raised)} found in the period, {len(shape.closed)} closed in it,"
        f" {len(shape.open)} not closed at its end, {late} of them late"
    )
    for one in {one.id: one for one in (*shape.open, *shape.raised, *shape.closed)}.values():
        yield _action(one)


def _action(one: ActionView) -> str:
    seen = "" if one.retest is None else f"; re-test: {_text(retest_text(one.retest))}"
    against = "".join(f"; contradiction: {_text(each)}" for each in one.contradictions)
    late = ", late" if one.late and one.state != "overdue" else ""
    return (
        f"{_text(one.id)}: **{one.state}{late}**: {_text(one.deviation)} (found {one.found_on}, {_text(one.owner)},"
        f" due {one.due}){seen}{against}"
    )


def _measured(shape: ReviewPackView) -> Iterator[str]:
    for one in shape.states:
        for state, label in LABELS.items():
            then, now = one.then[state.value], one.now[state.value]
            yield f"{one.framework}, {label}: {plural(now, 'control')}, {then} at the beginning"
    yield from (_metric(one) for one in shape.metrics)


def _metric(one: MetricView) -> str:
    first, last = one.points[0], one.points[-1]
    owner = "no target is stated" if one.owner is None else f"target {target_text(one)}: {met_text(last)}, {one.owner}"
    return (
        f"{_text(one.title)}: {_text(value_text(one, last))}; at the beginning {_text(value_text(one, first))}"
        f" ({_text(owner)})"
    )


def _audits(shape: ReviewPackView) -> Iterator[str]:
    for one in shape.audits:
        if one.held_on is None:
            yield f"{_text(one.id)}: **{one.state}**: {_text(one.covers)}, planned for {one.planned_for}"
        else:
            yield f"{_text(one.id)}, held {one.held_on}: {_text(one.covers)}: {_text(one.result or '')}"


def _objective(one: ObjectiveView) -> str:
    if one.metric is not None:
        last = one.metric.points[-1]
        state = f"{value_text(one.metric, last)}; target {target_text(one.metric)}: {met_text(last)}"
    else:
        state = "not stated" if one.state is None else f"{one.state}, stated {one.stated_on}"
    return f"{_text(one.id)}: {_text(one.text)}: {_text(state)} ({_text(one.owner)}, due {one.due})"


def _risks(shape: ReviewPackView) -> Iterator[str]:
    if not shape.risks_stated:
        return
    yield "what remains: " + " / ".join(f"{count} {_text(level)}" for level, count in shape.remaining.items())
    for one in shape.risks:
        rest = "what remains is not estimated" if one.residual_level is None else f"{_text(one.residual_level)} remains"
        plan = "" if one.plan is None else f": {_text(one.plan)}"
        overdue = ", its review is overdue" if one.overdue else ""
        faults = "".join(f"; **{_text(fault)}**" for fault in one.faults)
        fails = sum(check.fails for check in one.checks)
        bears = f"; {plural(fails, 'failing finding')} on it" if fails else ""
        yield (
            f"{_text(one.id)} {_text(one.title)}: {_text(one.level)}, {one.treatment}{plan}; {rest}"
            f" ({_text(one.owner)}, review by {one.review_by}{overdue}){faults}{bears}"
        )
