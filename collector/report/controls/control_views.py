"""The controls as machines read them, and as the pages for people are made from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from collector.core.errors import UsageError
from collector.report.company.risk_views import affected_risks
from collector.report.controls.attributes import attribute_filters, has_attributes
from collector.report.controls.control_story import (
    ActionOfControl,
    DecisionOfControl,
    EvidenceRequestView,
    actions_of,
    decision_of,
    evidence_request_view,
    treated_by,
)
from collector.report.controls.status_view import count_states
from collector.report.state.roles import not_addressed
from collector.setup.own_links import FRAMEWORK_LINK, OWN_LINK
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.assess import ControlState
    from collector.core.controls import Ask, Framework
    from collector.report.state.assessment import Assessment
    from collector.setup.app import App


class CountsView(Struct, frozen=True, kw_only=True):
    """Findings of the direct checks and records of people; `elsewhere` are findings outside the scope.

    `not_run` are direct checks that could decide nothing.
    """

    passes: int
    fails: int
    accepted: int
    not_established: int
    nothing: int
    lost: int
    records_missing: int
    elsewhere: int = 0
    not_run: int = 0


class CheckOfControl(Struct, frozen=True, kw_only=True):
    """A check as it is mapped to one control. `counts` is None where it never ran; `risks` where it fails.

    `origin` is "framework" where the file of the framework has the link, "own link" where the operator wrote it.
    """

    check: str
    title: str
    severity: str
    strength: str
    because: str
    origin: str
    disabled: bool
    ran: bool
    counts: dict[str, int] | None
    reasons: tuple[str, ...]
    risks: tuple[str, ...]


class ControlView(Struct, frozen=True, kw_only=True):
    """One control with everything that its page says. `decision` is the SoA's, `risks` are to be treated by it."""

    framework: str
    id: str
    title: str
    theme: str
    role: str | None
    status: str
    label: str
    sentence: str
    counts: CountsView
    counts_text: str
    basis: tuple[str, ...]
    coverage: str
    oldest_at: datetime | None
    shows: str
    cannot: str
    confidence: str | None
    derived_from: tuple[str, ...]
    reasons: tuple[str, ...]
    contradictions: tuple[str, ...]
    checks: list[CheckOfControl]
    evidence_requests: list[EvidenceRequestView] = field(name="asks")
    decision: DecisionOfControl | None
    actions: list[ActionOfControl]
    risks: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]]
    records_only: bool


class FrameworkControls(Struct, frozen=True, kw_only=True):
    """One framework version with its controls; `states` counts them.

    `counted` says which sources count in the rows of which role, `not_addressed` lists controls without a row.
    """

    id: str
    name: str
    edition: str
    title: str
    status: str = field(name="standing")
    confidence: str
    amendments: tuple[str, ...]
    notes: tuple[str, ...]
    counted: tuple[str, ...]
    not_addressed: dict[str, dict[str, str]]
    states: dict[str, int]
    controls: list[ControlView]


class ControlsView(Struct, frozen=True, kw_only=True, tag="annexd.controls/1", tag_field="schema"):
    """What `annexd controls --json` and `annexd controls show --json` print."""

    at: datetime
    as_of: datetime | None
    frameworks: list[FrameworkControls]


def controls_view(
    assessment: Assessment,
    *,
    named: str | None = None,
    frameworks: Iterable[str] = (),
    states: Iterable[str] = (),
    attributes: Iterable[str] = (),
) -> ControlsView:
    """Return the controls, all or those chosen. `named` is `8.5` or `iso27001:2022/8.5`.

    `attributes` are values such as `Preventive`, or `security_domains=Defence`; a control has to have all of them.
    Raises UsageError where there is none of that name, and on a value that no control has.
    """
    with_attributes = attribute_filters(attributes, assessment)
    reading = assessment.reading
    editions, wanted = tuple(frameworks), tuple(states)
    in_use = [framework.id for framework, _ in assessment.frameworks]
    _known_editions(editions, in_use)
    affected = affected_risks(
        assessment.company.risks, (framework for framework, _ in assessment.frameworks), reading.at.date()
    )
    made = [
        _framework(
            assessment,
            framework,
            all_states,
            [
                state
                for state in all_states
                if _chosen(framework, state, named, wanted) and has_attributes(state.control, with_attributes)
            ],
            affected,
        )
        for framework, all_states in assessment.frameworks
        if not editions or framework.id in editions
    ]
    if named is not None:
        made = [framework for framework in made if framework.controls]
        if not made:
            raise UsageError(
                f"there is no control {named!r} in the frameworks in use",
                mend=would_do(named, _names(assessment), "there are"),
            )
    return ControlsView(at=reading.at, as_of=reading.as_of, frameworks=made)


def _names(assessment: Assessment) -> list[str]:
    """Return the ids of all controls in use, as they may be written on the command line."""
    named = [(framework.id, control.id) for framework, _ in assessment.frameworks for control in framework.controls]
    return [*(id_ for _, id_ in named), *(f"{framework}/{id_}" for framework, id_ in named)]


def _known_editions(asked: Iterable[str], known: list[str]) -> None:
    for name in asked:
        if name not in known:
            raise UsageError(f"the framework {name!r} is not in use", mend=would_do(name, known, "in use are"))


def _chosen(framework: Framework, state: ControlState, named: str | None, states: tuple[str, ...]) -> bool:
    if named is not None and named not in {state.control.id, f"{framework.id}/{state.control.id}"}:
        return False
    return not states or state.status.value in states


def _framework(
    assessment: Assessment,
    framework: Framework,
    every: Iterable[ControlState],
    chosen: Iterable[ControlState],
    affected: Mapping[str, tuple[str, ...]],
) -> FrameworkControls:
    audiences_of = assessment.audiences[framework.id]
    return FrameworkControls(
        id=framework.id,
        name=framework.name,
        edition=framework.edition,
        title=framework.title,
        status=framework.status,
        confidence=framework.confidence,
        amendments=framework.amendments,
        notes=framework.notes,
        counted=tuple(audience.note for audience in audiences_of if audience.note),
        not_addressed={
            audience.role: found
            for audience in audiences_of
            if audience.role is not None and (found := dict(not_addressed(framework, audience.role)))
        },
        states=count_states(state.status for state in every),
        controls=[_control(assessment, framework, state, affected) for state in chosen],
    )


def _control(
    assessment: Assessment, framework: Framework, state: ControlState, affected: Mapping[str, tuple[str, ...]]
) -> ControlView:
    control, counts = state.control, state.counts
    records = assessment.records
    return ControlView(
        framework=framework.id,
        id=control.id,
        title=control.title,
        theme=control.theme,
        role=state.role,
        status=state.status.value,
        label=state.label,
        sentence=state.sentence,
        counts=CountsView(**{name: getattr(counts, name) for name in CountsView.__struct_fields__}),
        counts_text=str(counts),
        basis=state.basis,
        coverage=str(state.coverage),
        oldest_at=state.oldest_at,
        shows=control.shows.value,
        cannot=control.cannot,
        confidence=control.confidence,
        derived_from=control.derived_from,
        reasons=state.reasons,
        contradictions=state.contradictions,
        checks=list(_checks(assessment.reading.app, framework.id, state, affected)),
        evidence_requests=[
            evidence_request_view(request, records.get(request.id))
            for request in (*control.asked(state.role), *_filed_instead(assessment, state))
        ],
        decision=decision_of(assessment, framework, state),
        actions=list(actions_of(assessment, framework, state)),
        risks=tuple(treated_by(assessment, framework, state)),
        attributes=dict(control.attributes),
        records_only=state.records_only,
    )


def _filed_instead(assessment: Assessment, state: ControlState) -> Iterator[Ask]:
    """Yield the requests about other tools that somebody has answered; nobody owes the others."""
    for request in state.control.other_tools(state.role):
        record = assessment.records.get(request.id)
        if record is not None and record.filed is not None:
            yield request


def _checks(
    app: App, framework: str, state: ControlState, affected: Mapping[str, tuple[str, ...]]
) -> Iterator[CheckOfControl]:
    for link in state.links:
        check, tally = app.checks.get(link.check), link.tally
        fails = tally is not None and tally.fails + tally.accepted + tally.lost > 0
        yield CheckOfControl(
            check=link.check,
            title="" if check is None else check.title,
            severity="unknown" if check is None else check.severity,
            strength=link.link.strength.value,
            because=link.link.because,
            origin=OWN_LINK if app.is_own_link(framework, state.control.id, link.check) else FRAMEWORK_LINK,
            disabled=tally is not None and tally.disabled,
            ran=tally is not None and tally.ran,
            counts=None
            if tally is None
            else {
                "pass": tally.passes,
                "fail": tally.fails,
                "accepted": tally.accepted,
                "unknown": tally.unknown,
                "not_applicable": tally.nothing,
                "lost": tally.lost,
                "elsewhere": tally.elsewhere,
            },
            reasons=() if tally is None else tally.reasons,
            risks=affected.get(link.check, ()) if fails else (),
        )
