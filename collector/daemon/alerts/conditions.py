"""What holds now and somebody should know: one condition a key, from the numbers of the store. Nothing is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.isms.exceptions import AcceptedExceptions
from collector.core.plain_text import first_few, plural, show_moment
from collector.core.scopes import show_scope
from collector.core.spans import show_span
from collector.core.tally import RecordState
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.state.ownership import due_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from collector.core.alerts import AlertKind
    from collector.core.assess import ControlState
    from collector.core.checks import Severity
    from collector.core.findings import FindingId
    from collector.daemon.watching.figures import Figures
    from collector.report.state.assessment import Assessment
    from collector.report.state.credentials import CredentialView
    from collector.report.state.known import CurrentFinding
    from collector.setup.alerts_config import AlertsConfig

DAYS_BEFORE = (30, 7, 1)
"""Days before something expires at which it is told, once each."""

_GROWN_BY = 10

_SILENT_AFTER = 2
"""Intervals without anything new after which a source is silent."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that holds now. `ends`: that it holds no more is worth telling."""

    key: str
    kind: AlertKind
    severity: Severity
    what: str
    todo: str
    since: datetime | None = None
    source: str = ""
    owner: str = ""
    due: date | None = None
    frameworks: tuple[str, ...] = ()
    page: str = ""
    ends: bool = True


@dataclass(frozen=True)
class Conditions:
    """All that holds, by key. Of `undecided` keys, or those that begin with one, nobody can say now whether they hold.

    `sources` are those that are configured: of others nothing is told any more.
    """

    held: Mapping[str, Condition]
    undecided: tuple[str, ...]
    sources: frozenset[str]

    def is_undecided(self, key: str) -> bool:
        """Return whether it is not known if this holds: what could not be looked at is not over."""
        return key.startswith(self.undecided)


def conditions(figures: Figures, config: AlertsConfig) -> Conditions:
    """Return all that holds."""
    found = {}
    for each in (
        _controls(figures.assessment),
        _findings(figures.assessment, config),
        _sources(figures),
        _credentials(figures),
        _expiring(figures.assessment),
        _log(figures),
    ):
        found.update({condition.key: condition for condition in each})
    sources = frozenset(figures.assessment.reading.app.config.sources)
    return Conditions(found, (*_undecided(figures.assessment), *_unknown_rights(figures)), sources)


def _undecided(assessment: Assessment) -> Iterator[str]:
    """Yield what cannot be said now: a control that is unknown may still fail, a refusal may still stand."""
    for framework, states in assessment.frameworks:
        for state in states:
            if state.status is ControlStatus.UNKNOWN:
                yield f"control_failing {_control_key(framework.id, state)}"
    for failure in assessment.collection_failures:
        if failure.how not in {"denied", "unread"}:
            yield f"permission_lost {failure.source} "


def _control_key(framework: str, state: ControlState) -> str:
    return f"{framework}/{state.control.id}{_role(state)}"


def _role(state: ControlState) -> str:
    return "" if state.role is None else f" ({state.role})"


def _controls(assessment: Assessment) -> Iterator[Condition]:
    for framework, states in assessment.frameworks:
        for state in states:
            name = f"{framework.name}:{framework.edition} {state.control.id}{_role(state)} {state.control.title}"
            key, page = _control_key(framework.id, state), f"controls/{state.control.id}"
            if state.status is ControlStatus.FAILING:
                yield Condition(
                    key=f"control_failing {key}",
                    kind="control_failing",
                    severity=_severity_of(assessment, state),
                    what=f"{name}: fails: {first_few(state.reasons, 2, '; ')}",
                    todo=f"annexd controls {state.control.id} says which resources, and how to mend each",
                    frameworks=(framework.id,),
                    page=page,
                )
            elif state.status is ControlStatus.UNKNOWN:
                yield Condition(
                    key=f"control_unknown {key}",
                    kind="control_unknown",
                    severity="medium",
                    what=f"{name}: not established: {first_few(state.reasons, 2, '; ')}",
                    todo=f"annexd controls {state.control.id} says what would decide it",
                    frameworks=(framework.id,),
                    page=page,
                )


def _severity_of(assessment: Assessment, state: ControlState) -> Severity:
    """Return the worst severity among the checks of a control that fail."""
    app = assessment.reading.app
    failing = [
        app.checks[check].severity
        for check in state.control.checks
        if check in app.checks and (tally := assessment.evidence.tallies.get(check)) is not None and tally.fails
    ]
    return min(failing, key=SEVERITIES.index, default="high")


def _findings(assessment: Assessment, config: AlertsConfig) -> Iterator[Condition]:
    """Yield a condition for each fail in scope of the severity that is told, unless an exception covers it."""
    if config.findings is None:
        return
    reading, day = assessment.reading, assessment.reading.at.date()
    accepting = AcceptedExceptions(assessment.company.exceptions, day, assessment.failing, assessment.files.logged)
    told = SEVERITIES[: SEVERITIES.index(config.findings) + 1]
    frameworks = _frameworks_of(assessment)
    for current in reading.findings():
        check = reading.check(current.id.check)
        # What failed when it could be decided last is open until it is seen to pass.
        is_open = current.status is Status.FAIL or current.failing_since is not None
        if not is_open or check is None or check.severity not in told:
            continue
        if not reading.decides(current.id.source, current.id.scope) or accepting.covers(current.id) is not None:
            continue
        since = current.failing_since or current.state.since
        yield Condition(
            key=f"finding {_place(current.id)}",
            kind="finding",
            severity=check.severity,
            what=f"{_resource(current)}: {current.why}",
            todo=check.fix,
            since=since,
            source=current.id.source,
            owner=reading.owner(current.id.source, current.id.scope),
            due=due_of(config.due, check.severity, since),
            frameworks=frameworks.get(check.id, ()),
            page=f"checks/{check.id}",
        )


def _frameworks_of(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for framework, states in assessment.frameworks:
        for check in {check for state in states for check in state.control.checks}:
            found[check] = (*found.get(check, ()), framework.id)
    return found


def _place(id_: FindingId) -> str:
    return f"{id_.check} {id_.source}:{show_scope(id_.scope)} {id_.subject}"


def _resource(current: CurrentFinding) -> str:
    id_ = current.id
    return f"{id_.subject or 'the whole'} in {id_.source}:{show_scope(id_.scope)} ({id_.check})"


def _sources(figures: Figures) -> Iterator[Condition]:
    assessment = figures.assessment
    config = assessment.reading.app.config
    for source in figures.status.sources:
        owner = assessment.reading.owner(source.name, ())
        if source.stale:
            yield Condition(
                key=f"evidence_stale {source.name}",
                kind="evidence_stale",
                severity="medium",
                what=f"{source.name}: {plural(source.stale, 'collection')} with evidence that is too old",
                todo="annexd status says what could not be read",
                since=source.oldest_at,
                source=source.name,
                owner=owner,
            )
        every = config.sources[source.name].every
        if source.newest_at is not None and figures.at - source.newest_at > _SILENT_AFTER * every:
            yield Condition(
                key=f"source_silent {source.name}",
                kind="source_silent",
                severity="high",
                what=f"{source.name}: nothing was seen since {show_moment(source.newest_at)}; it is due every"
                f" {show_span(every)}",
                todo="annexd doctor says what keeps it from being seen; annexd status what is waited for",
                since=source.newest_at,
                source=source.name,
                owner=owner,
            )
    for failure in assessment.collection_failures:
        if failure.how in {"denied", "unread"}:
            what = failure.needs or failure.what or failure.why
            yield Condition(
                key=f"permission_lost {failure.source} {what}",
                kind="permission_lost",
                severity="high",
                what=f"{failure.source}: refused: {what}; {plural(len(failure.checks), 'check')} unknown by it",
                todo="grant it again, or annexd permissions prints the policy that is needed",
                source=failure.source,
                owner=assessment.reading.owner(failure.source, ()),
            )


def _credentials(figures: Figures) -> Iterator[Condition]:
    for credential in figures.status.credentials:
        owner = figures.assessment.reading.owner(credential.source, credential.scope)
        if credential.beyond:
            yield Condition(
                key=_rights_key(credential),
                kind="rights_beyond",
                severity="medium",
                what=f"{credential.whose}: the credential that annexd signs in with may do more than it needs:"
                f" {first_few(credential.beyond)}",
                todo=f"take that from it; annexd permissions {credential.connector} prints what is needed",
                source=credential.source,
                owner=owner,
            )
        if credential.lost and credential.changed_at is not None:
            yield Condition(
                key=f"rights_lost {credential.source} {show_scope(credential.scope)} {credential.changed_at}",
                kind="rights_lost",
                severity="high",
                what=f"{credential.whose}: the credential that annexd signs in with has no more:"
                f" {first_few(credential.lost)}",
                todo="grant it again, unless it was taken away on purpose; annexd status says what is not seen by it",
                since=credential.changed_at,
                source=credential.source,
                owner=owner,
                ends=False,
            )


def _unknown_rights(figures: Figures) -> Iterator[str]:
    """Yield those of which nobody can say now what they may do: they may still do too much."""
    for credential in figures.status.credentials:
        if credential.held is None:
            yield _rights_key(credential)


def _rights_key(credential: CredentialView) -> str:
    return f"rights_beyond {credential.source} ({show_scope(credential.scope)})"


def _expiring(assessment: Assessment) -> Iterator[Condition]:
    day = assessment.reading.at.date()
    for exception in assessment.company.exceptions:
        if exception.approved_on <= day and (step := _step(exception.expires, day)) is not None:
            yield Condition(
                key=f"exception_expires {exception.id} {exception.expires} {step}",
                kind="exception_expires",
                severity="high" if step <= 1 else "medium",
                what=f"exception {exception.id} for {exception.check} {_when(exception.expires, day)}",
                todo="mend what it accepts, or have it approved again",
                owner=exception.owner,
                due=exception.expires,
                source=exception.source,
                ends=False,
            )
    for id_, record in assessment.records.items():
        if record.until is None or record.state is RecordState.MISSING:
            continue
        if (step := _step(record.until, day)) is not None:
            yield Condition(
                key=f"record_expires {id_} {record.until} {step}",
                kind="record_expires",
                severity="medium",
                what=f"the record {id_} {_when(record.until, day)}",
                todo=f"annexd evidence-request answer {id_} files the next one",
                due=record.until,
                ends=False,
            )
    register = assessment.company.risks
    for risk in () if register is None else register.known(day):
        if (step := _step(risk.review_by, day)) is not None:
            yield Condition(
                key=f"risk_review_due {risk.id} {risk.review_by} {step}",
                kind="risk_review_due",
                severity="medium",
                what=f"the review of risk {risk.id} {_when(risk.review_by, day, 'is due')}",
                todo="review it, and write the day of the next review into the register",
                owner=risk.owner,
                due=risk.review_by,
                ends=False,
            )


def _step(until: date, day: date) -> int | None:
    """Return the step that is reached: so many days are left at most, 0 on the day itself, -1 after it; None before."""
    left = (until - day).days
    if left < 0:
        return -1
    return min((step for step in (0, *DAYS_BEFORE) if left <= step), default=None)


def _when(until: date, day: date, verb: str = "expires") -> str:
    left = (until - day).days
    if left < 0:
        return f"{'was due' if verb == 'is due' else 'expired'} on {until}"
    return f"{verb} on {until}, in {plural(left, 'day')}" if left else f"{verb} today, {until}"


def _log(figures: Figures) -> Iterator[Condition]:
    log, status = figures.log, figures.status
    if log.verified_well is False:
        wrong = status.verification.wrong if status.verification is not None else None
        yield Condition(
            key="verification_failed",
            kind="verification_failed",
            severity="critical",
            what=f"the store did not hold when it was verified: {wrong or 'see annexd verify'}",
            todo="keep this copy as it is, run annexd verify --rebuild, and find out who or what changed it",
            since=log.verified_at,
        )
    if log.anchored_well is False:
        yield Condition(
            key="anchor_failed",
            kind="anchor_failed",
            severity="medium",
            what="the time-stamping authority gave no stamp for the newest checkpoint",
            todo="the next stamp covers it; see to the address in anchor if this lasts",
            since=log.anchored_at,
        )
    for clock in status.clocks:
        yield Condition(
            key=f"clock_anomaly {clock.whose} {clock.source}",
            kind="clock_anomaly",
            severity="high",
            what=f"clocks differ: {clock.says}",
            todo="set the clock that is wrong; verdicts that depend on it are unknown until the next run",
            since=clock.at,
            source=clock.source,
        )


def grown(before: int, now: int) -> bool:
    """Return whether the number of unknown findings has grown enough to be told: by ten and by a fifth."""
    return now - before >= _GROWN_BY and now * 5 >= before * 6
