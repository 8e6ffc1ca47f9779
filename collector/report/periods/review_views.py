"""The inputs of a management review (clause 9.3.2), from what is on file."""

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
    """An interested party: its needs (9.3.2 c), and its feedback in the period (9.3.2 e)."""

    name: str
    needs: str
    changed_on: date
    changed: bool
    feedback: str | None
    feedback_on: date | None


class ObjectiveView(Struct, frozen=True, kw_only=True):
    """An objective with its result (9.3.2 d 4), as measured or as stated by a person."""

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
    """The controls of a framework version by state, at the beginning of the period and at its end."""

    framework: str
    then: dict[str, int]
    now: dict[str, int]


class ReviewPackView(Struct, frozen=True, kw_only=True, tag="annexd.review/1", tag_field="schema"):
    """What `annexd review --json` prints. An empty list means that nothing is on file; `register`: there is one.

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
            IssueView(kind=issue.kind, text=issue.text, changed_on=issue.changed_on, changed=within(issue.changed_on))
            for issue in register.issues
            if issue.changed_on <= last
        ],
        parties=[
            PartyView(
                name=party.name,
                needs=party.needs,
                changed_on=party.changed_on,
                changed=within(party.changed_on),
                feedback=party.feedback if within(party.feedback_on) else None,
                feedback_on=party.feedback_on if within(party.feedback_on) else None,
            )
            for party in register.parties
            if party.changed_on <= last
        ],
        actions_stated=bool(now.company.actions),
        raised=[action for action in actions if within(action.found_on)],
        closed=[action for action in actions if within(action.closed_on)],
        open=[action for action in actions if action.state != ActionState.CLOSED.value],
        states=list(_states(then, now)),
        metrics=measured.metrics,
        # Those of the period, and those that should have been.
        audits=[audit for audit in register_view(now).audits if within(audit.held_on) or within(audit.planned_for)],
        objectives=[_objective(objective, measured, last) for objective in register.objectives],
        risks_stated=now.company.risks is not None,
        risks=risks.risks,
        remaining=risks.remaining,
        opportunities=[
            OpportunityView(text=opportunity.text, raised_by=opportunity.raised_by, raised_on=opportunity.raised_on)
            for opportunity in register.opportunities
            if opportunity.raised_on <= last
        ],
    )


def _decisions(register: Register, last: date) -> Iterator[DecisionView]:
    """Yield the decisions of all reviews held before: what was done stays in the pack of the next one only."""
    past = sorted(
        (review for review in register.reviews if was_held(review, last)), key=lambda review: review.held_on or last
    )
    for review in past:
        for decision in review.decisions:
            done = decision.done_on if decision.done_on is not None and decision.done_on <= last else None
            if done is None or review is past[-1]:
                yield DecisionView(
                    review=review.id,
                    text=decision.text,
                    owner=decision.owner,
                    due=decision.due,
                    done_on=done,
                    late=done is None and decision.due < last,
                )


def _states(then: Assessment, now: Assessment) -> Iterator[StatesView]:
    before = {framework.id: states for framework, states in then.frameworks}
    for framework, states in now.frameworks:
        yield StatesView(
            framework=framework.id,
            then=count_states(state.status for state in before[framework.id]),
            now=count_states(state.status for state in states),
        )


def _objective(objective: Objective, measured: MetricsView, last: date) -> ObjectiveView:
    known = objective.stated_on is not None and objective.stated_on <= last
    return ObjectiveView(
        id=objective.id,
        text=objective.text,
        owner=objective.owner,
        due=objective.due,
        metric=next((metric for metric in measured.metrics if metric.id == objective.metric), None),
        state=objective.state if known else None,
        stated_on=objective.stated_on if known else None,
    )
