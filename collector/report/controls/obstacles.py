"""What keeps a control from evidence on file: obstacles, each shared by the controls that it affects."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.core.assess import ControlStatus
from collector.core.attestations import SYSTEM
from collector.core.controls import Strength
from collector.core.tally import RecordState
from collector.setup.loading import platform_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.assess import ControlState, LinkState
    from collector.core.controls import Framework
    from collector.report.state.assessment import Assessment

Sort = Literal["fails", "unknown", "person"]
"""A deviation, something that could not be seen, something that only people can give."""


class Obstacle(NamedTuple):
    """One obstacle. `about` is a check, permission, platform, system or record; `mend` is the remediation."""

    sort: Sort
    about: str
    mend: str


def obstacles(assessment: Assessment, framework: Framework, state: ControlState) -> set[Obstacle]:
    """Return everything that keeps a control from being evidenced; empty where nothing does."""
    if state.status in {ControlStatus.EVIDENCED, ControlStatus.EXCLUDED}:
        return set()
    return {*_of_checks(assessment, state), *_of_coverage(state), *_of_people(assessment, framework, state)}


def _of_checks(assessment: Assessment, state: ControlState) -> Iterator[Obstacle]:
    direct = [link for link in state.links if link.link.strength is Strength.DIRECT]
    for link in direct:
        tally = link.tally
        if tally is not None and (tally.fails or tally.lost or (tally.accepted and not tally.passes)):
            check = assessment.reading.app.checks.get(link.check)
            fix = "" if check is None else check.fix
            other = [ask.id for ask in state.control.other_tools(state.role) if link.check in ask.instead_of]
            mend = f"{fix}; or, where another tool does it, answer {other[0]}" if other else fix
            yield Obstacle("fails", link.check, mend)
        yield from _doubts(assessment, link)


def _doubts(assessment: Assessment, link: LinkState) -> Iterator[Obstacle]:
    app, tally = assessment.reading.app, link.tally
    if tally is not None and tally.disabled:
        yield Obstacle("unknown", f"{link.check} is disabled", "enable it")
    elif tally is None:
        platform = app.connector_of(link.check) if link.check in app.checks else platform_of(link.check)
        if all(source.connector != platform for source in app.config.sources.values()):
            yield Obstacle(
                "unknown", f"{platform} is not connected", f"add a source for {platform}, or state the scope"
            )
        else:
            yield Obstacle("unknown", f"{link.check} has not run for this role", "say which services a source serves")
    elif tally.unknown:
        causes = [gap for gap in assessment.collection_failures if link.check in gap.checks]
        for gap in causes:
            mend = f"grant {gap.needs}" if gap.needs else gap.why
            yield Obstacle("unknown", f"{gap.source}: {gap.needs or gap.what or gap.why}", mend)
        if not causes:
            yield Obstacle("unknown", link.check, tally.reasons[-1] if tally.reasons else "")


def _of_coverage(state: ControlState) -> Iterator[Obstacle]:
    if not state.coverage.listed:
        yield Obstacle("person", "the systems in scope are not stated", "write scope.toml")
    elif not state.records_only:
        for system in state.covered.no_source:
            mend = f'connect a source for it, or file a review: annexd evidence-request answer "{SYSTEM}{system}"'
            yield Obstacle("unknown", f"system {system}", mend)
        for system in (*state.covered.partly, *state.covered.never):
            yield Obstacle("unknown", f"system {system}", "see the collection failures in annexd status")


def _of_people(assessment: Assessment, framework: Framework, state: ControlState) -> Iterator[Obstacle]:
    for request in state.control.asked(state.role):
        record = assessment.records[request.id]
        if record.state is not RecordState.VALID:
            yield Obstacle("person", f"{request.id} {record.state.value}", request.text)
    if framework.soa:
        soa = assessment.company.soa
        if soa is None or not soa.in_force(assessment.reading.at.date()):
            yield Obstacle("person", "no statement of applicability is in force", "annexd soa init prints a draft")
        elif not (row := _row(assessment, framework, state)) or row != "yes":
            yield Obstacle("person", f"SoA: {row or 'not decided'}", "decide, or implement what is planned")


def _row(assessment: Assessment, framework: Framework, state: ControlState) -> str | None:
    soa = assessment.company.soa
    day = assessment.reading.at.date()
    decided = None if soa is None else soa.decisions(framework, state.role, day)
    row = None if decided is None else decided.decisions.get(state.control.id)
    return None if row is None else row.implemented


def by_obstacle(assessment: Assessment, framework: Framework) -> dict[Obstacle, tuple[list[str], int]]:
    """Return for each obstacle the controls that it touches, and of how many it is the last one."""
    states = next(states for candidate, states in assessment.frameworks if candidate.id == framework.id)
    touched: defaultdict[Obstacle, list[str]] = defaultdict(list)
    alone: defaultdict[Obstacle, int] = defaultdict(int)
    for state in states:
        found = obstacles(assessment, framework, state)
        name = state.control.id if state.role is None else f"{state.control.id} ({state.role})"
        for obstacle in found:
            touched[obstacle].append(name)
            alone[obstacle] += len(found) == 1
    return {obstacle: (names, alone[obstacle]) for obstacle, names in touched.items()}
