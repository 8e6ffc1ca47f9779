"""What to do next: the steps from nothing to evidence on file, and which of them are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.plain_text import plural
from collector.core.tally import RecordState
from collector.report.company.evidence_request_views import evidence_requests_view
from collector.report.controls.gap_analysis import ObstacleView, control_gaps_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.report.state.assessment import Assessment
    from collector.setup.app import App

_CLOSES_MOST = 10


class Step(Struct, frozen=True, kw_only=True):
    """One step. `open` says what is missing, and is empty where the step is done; `commands` are lines to type."""

    id: str
    title: str
    done: bool
    open: str
    commands: tuple[str, ...]


class NextView(Struct, frozen=True, kw_only=True, tag="annexd.next/1", tag_field="schema"):
    """What `annexd next --json` prints. `next` is the id of the first step that is not done, or null.

    `closes_most` are the ten entries of the gap analysis that keep most controls from having evidence on file.
    """

    next: str | None
    steps: list[Step]
    closes_most: list[ObstacleView]


def next_view(app: App | None, assessment: Assessment | None) -> NextView:
    """Return the steps. `app` is None where there is no configuration, `assessment` where nothing was scanned."""
    steps = [_configuration(app), *_scanning(app, assessment), *_company(assessment)]
    closes_most = [] if assessment is None else _closes_most(assessment)
    return NextView(
        next=next((step.id for step in steps if not step.done), "gaps" if closes_most else None),
        steps=steps,
        closes_most=closes_most,
    )


def first_open(view: NextView) -> Step | None:
    """Return the step that is next; None where all are done."""
    return next((step for step in view.steps if not step.done), None)


def _step(id_: str, title: str, missing: str, *commands: str) -> Step:
    return Step(id=id_, title=title, done=not missing, open=missing, commands=commands)


def _configuration(app: App | None) -> Step:
    if app is None:
        return _step(
            "configuration", "Configuration", "there is no configuration", "annexd init", "annexd config check"
        )
    missing = "" if app.config.sources else "it names no source, so there is nothing to read"
    return _step("configuration", "Configuration", missing, "annexd connectors", "annexd config example")


def _scanning(app: App | None, assessment: Assessment | None) -> Iterator[Step]:
    """Yield permissions and the first scan. Whether permissions are enough is known once a scan has used them."""
    used = sorted({source.connector for source in app.config.sources.values()}) if app is not None else []
    asking = tuple(f"annexd permissions {connector}" for connector in used) or ("annexd permissions CONNECTOR",)
    refused = (
        [] if assessment is None else [gap for gap in assessment.collection_failures if gap.how in {"denied", "unread"}]
    )
    missing = ""
    if assessment is None:
        missing = "print what each platform has to grant; annexd doctor says whether it does"
    elif refused:
        first = refused[0].needs or refused[0].what or refused[0].why
        missing = f"{plural(len(refused), 'reason')} why something was refused, such as {first}"
    yield _step("permissions", "Permissions", missing, *asking, "annexd doctor")
    yield _step("scan", "First scan", "nothing was scanned" if assessment is None else "", "annexd scan")


def _company(assessment: Assessment | None) -> Iterator[Step]:
    scope = None if assessment is None else assessment.company.scope
    yield _step(
        "scope",
        "ISMS scope",
        "" if scope is not None else "scope.toml does not say which systems are in scope",
        "annexd help company-files",
        "annexd scope",
    )
    yield _step(
        "soa",
        "Statement of applicability (SoA)",
        _soa_open(assessment),
        "annexd soa init > soa.toml",
        "annexd soa check",
    )
    yield _step(
        "evidence-requests",
        "Evidence requests",
        "not known before the first scan" if assessment is None else _unanswered(assessment),
        "annexd evidence-request list",
        "annexd evidence-request answer --help",
    )


def _soa_open(assessment: Assessment | None) -> str:
    if assessment is None or assessment.company.soa is None:
        return "soa.toml does not say which controls apply"
    if not assessment.company.soa.in_force(assessment.reading.at.date()):
        return f"version {assessment.company.soa.version} is not in force yet"
    from collector.report.company.soa_views import soa_view

    undecided = soa_view(assessment).undecided
    return f"{plural(undecided, 'control')} not decided" if undecided else ""


def _unanswered(assessment: Assessment) -> str:
    """Return how many evidence requests have no valid record, without those of controls that the SoA excludes."""
    counts = evidence_requests_view(assessment).counts
    missing = sum(counts[state.value] for state in RecordState if state is not RecordState.VALID)
    return f"{plural(missing, 'request')} without a valid record" if missing else ""


def _closes_most(assessment: Assessment) -> list[ObstacleView]:
    """Return the entries of all frameworks in use that touch most controls, those first that are the last one."""
    found = [obstacle for framework in control_gaps_view(assessment).frameworks for obstacle in framework.obstacles]
    return sorted(found, key=lambda obstacle: (-obstacle.closes, -len(obstacle.controls), obstacle.about))[
        :_CLOSES_MOST
    ]
