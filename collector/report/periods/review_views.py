"""The inputs of a management review (clause 9.3.2), each from what is on file; what is not on file says so."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.isms.actions import ActionState
from collector.core.isms.register import Register, was_held
from collector.report.company.action_views import ActionView, actions_view
from collector.report.company.register_views import AuditView, register_view
from collector.report.company.risk_views import RiskView, risks_view
from collector.report.controls.status_view import count_states
from collector.report.periods.metrics_views import MetricsView, MetricView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.isms.register import Objective
    from collector.report.state.assessment import Assessment


class DecisionView(Struct, frozen=True, kw_only=True):
    """A decision of an earlier review (9.3.2 a)."""

    review: str
    text: str
    owner: str
    due: date
    done_on: date | None
    late: bool


class IssueView(Struct, frozen=True, kw_only=True):
    """An external or internal matter (9.3.2 b). `changed`: in the period."""

    kind: str
    text: str
    changed_on: date
    changed: bool


class PartyView(Struct, frozen=True, kw_only=True):
    """An interested party: what it needs (9.3.2 c), and what it said in the period (9.3.2 e)."""

    name: str
    needs: str
    changed_on: date
    changed: bool
    feedback: str | None
    feedback_on: date | None


class ObjectiveView(Struct, frozen=True, kw_only=True):
    """An objective with how far it was reached (9.3.2 d 4): as measured, or as somebody stated."""

    id: str
    text: str
    owner: str
    due: date
    metric: MetricView | None
    state: str | None
    stated_on: date | None


class OpportunityView(Struct, frozen=True, kw_only=True):
    """Something that could be better (9.3.2 g)."""

    text: str
    raised_by: str
    raised_on: date


class StatesView(Struct, frozen=True, kw_only=True):
    """The controls of an edition by state, at the beginning of the period and at its end."""

    framework: str
    then: dict[str, int]
    now: dict[str, int]


class ReviewPackView(Struct, frozen=True, kw_only=True, tag="annexd.review/1", tag_field="schema"):
    """What `annexd review --json` prints. An empty list means that nothing is on file; `register` says if there is one.

    `raised` and `closed` are actions of the period, `open` those that are not closed at its end.
    """

    first: date
    last: date
    at: datetime
    register: bool
    decisions: list[DecisionView]
    issues: list[IssueView]
    parties: list[PartyView]
    actions_stated: bool
    raised: list[ActionView]
    closed: list[ActionView]
    open: list[ActionView]
    states: list[StatesView]
    metrics: list[MetricView]
    audits: list[AuditView]
    objectives: list[ObjectiveView]
    risks_stated: bool
    risks: list[RiskView]
    remaining: dict[str, int]
    opportunities: list[OpportunityView]


def review_view(then: Assessment, now: Assessment, measured: MetricsView, first: date, last: date) -> ReviewPackView:
    """Put the pack together from the beginning of the period and its end."""
    register = now.company.register or Register()
    actions, risks = actions_view(now).actions, risks_view(now)

    def within(day: date | None) -> bool:
        return day is not None and first <= day <= last

    return ReviewPackView(
        first=first,
        last=last,
        at=now.reading.at,
        register=now.company.register is not None,
        decisions=list(_decisions(register, last)),
        issues=[
            IssueView(kind=one.kind, text=one.text, changed_on=one.changed_on, changed=within(one.changed_on))
            for one in register.issues
            if one.changed_on <= last
        ],
        parties=[
            PartyView(
                name=one.name,
                needs=one.needs,
                changed_on=one.changed_on,
                changed=within(one.changed_on),
                feedback=one.feedback if within(one.feedback_on) else None,
                feedback_on=one.feedback_on if within(one.feedback_on) else None,
            )
            for one in register.parties
            if one.changed_on <= last
        ],
        actions_stated=bool(now.company.actions),
        raised=[one for one in actions if within(one.found_on)],
        closed=[one for one in actions if within(one.closed_on)],
        open=[one for one in actions if one.state != ActionState.CLOSED.value],
        states=list(_states(then, now)),
        metrics=measured.metrics,
        # Those of the period, and those that should have been.
        audits=[one for one in register_view(now).audits if within(one.held_on) or within(one.planned_for)],
        objectives=[_objective(one, measured, last) for one in register.objectives],
        risks_stated=now.company.risks is not None,
        risks=risks.risks,
        remaining=risks.remaining,
        opportunities=[
            OpportunityView(text=one.text, raised_by=one.raised_by, raised_on=one.raised_on)
            for one in register.opportunities
            if one.raised_on <= last
        ],
    )


def _decisions(register: Register, last: date) -> Iterator[DecisionView]:
    """Yield the decisions of all reviews held before: what was done stays in the pack of the next one only."""
    past = sorted((one for one in register.reviews if was_held(one, last)), key=lambda one: one.held_on or last)
    for review in past:
        for one in review.decisions:
            done = one.done_on if one.done_on is not None and one.done_on <= last else None
            if done is None or review is past[-1]:
                yield DecisionView(
                    review=review.id,
                    text=one.text,
                    owner=one.owner,
                    due=one.due,
                    done_on=done,
                    late=done is None and one.due < last,
                )


def _states(then: Assessment, now: Assessment) -> Iterator[StatesView]:
    before = {framework.id: states for framework, states in then.frameworks}
    for framework, states in now.frameworks:
        yield StatesView(
            framework=framework.id,
            then=count_states(one.status for one in before[framework.id]),
            now=count_states(one.status for one in states),
        )


def _objective(one: Objective, measured: MetricsView, last: date) -> ObjectiveView:
    known = one.stated_on is not None and one.stated_on <= last
    return ObjectiveView(
        id=one.id,
        text=one.text,
        owner=one.owner,
        due=one.due,
        metric=next((each for each in measured.metrics if each.id == one.metric), None),
        state=one.state if known else None,
        stated_on=one.stated_on if known else None,
    )
