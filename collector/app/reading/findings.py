"""`annexd findings`: what the checks said, the worst first."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.app.company.risk_shapes import bearing_on
from collector.app.output import Cell, Mark, Page
from collector.app.reading.asking import show_moment, some
from collector.app.reading.finding_filter import OPEN, SEVERITIES, Asked, Filter, show_subject
from collector.app.reading.known import WORDS
from collector.core.checks import Status
from collector.core.scopes import show_scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.app.reading.known import Reading, Standing

_RANK = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.PASS: 2, Status.NOT_APPLICABLE: 3}


class FindingShape(Struct, frozen=True, kw_only=True):
    """One finding. `status` is what counts, `last` what the check said; they differ where it is `stale`.

    `subject` is empty for a finding about the scope itself. `observed_at` is when this verdict was observed first,
    `seen_at` when what it rests on was seen last, `since` since when it has had its status. `risks` are those that a
    failing one bears on.
    """

    check: str
    title: str
    severity: str
    source: str
    scope: tuple[str, ...]
    subject: str
    status: str
    last: str
    stale: bool
    reason: str
    since: datetime
    observed_at: datetime
    seen_at: datetime
    run: str
    limits: dict[str, str]
    evidence: tuple[str, ...]
    fix: str
    trace: str | None
    risks: tuple[str, ...] = ()


class FindingsShape(Struct, frozen=True, kw_only=True, tag="annexd.findings/1", tag_field="schema"):
    """What `annexd findings --json` prints. `counts` are of everything that the filters take, whatever its status."""

    at: datetime
    as_of: datetime | None
    counts: dict[str, int]
    statuses: tuple[str, ...]
    matched: int
    shown: int
    without_tags: int
    findings: list[FindingShape]


def findings_shape(reading: Reading, asked: Asked, most: int | None = None) -> FindingsShape:
    """Return the findings that are asked for, the worst first, and the counts of all that the filters take."""
    chosen = Filter(reading, asked)
    counts: Counter[Status] = Counter()
    wanted = asked.statuses or OPEN

    def taken() -> Iterator[Standing]:
        for source in chosen.sources:
            for standing in reading.standings(source=source):
                if chosen.takes(standing):
                    counts[standing.status] += 1
                    if standing.status in wanted:
                        yield standing

    def order(standing: Standing) -> tuple[Any, ...]:
        check = reading.check(standing.id.check)
        rank = SEVERITIES.index(check.severity) if check is not None else len(SEVERITIES)
        return rank, standing.id.check, _RANK[standing.status], standing.id

    found = sorted(taken(), key=order) if most is None else heapq.nsmallest(most, taken(), key=order)
    bears = risks_by_check(reading) if found else {}
    return FindingsShape(
        at=reading.at,
        as_of=reading.as_of,
        counts={status.value: counts[status] for status in Status},
        statuses=tuple(status.value for status in wanted),
        matched=sum(counts[status] for status in wanted),
        shown=len(found),
        without_tags=chosen.untagged,
        findings=[finding_shape(reading, one, bears) for one in found],
    )


def risks_by_check(reading: Reading) -> Mapping[str, tuple[str, ...]]:
    """Return for each check the risks of the register that it bears on. Raises ConfigError on a file that cannot be."""
    frameworks = reading.app.frameworks()
    return bearing_on(reading.files(frameworks).company.risks, frameworks, reading.at.date())


def finding_shape(
    reading: Reading, standing: Standing, bears: Mapping[str, tuple[str, ...]] | None = None
) -> FindingShape:
    """Return one finding with what is known of its check, and the risks that it bears on if it fails."""
    finding, id_ = standing.state.finding, standing.id
    check = reading.check(id_.check)
    return FindingShape(
        check=id_.check,
        title="" if check is None else check.title,
        severity="unknown" if check is None else check.severity,
        source=id_.source,
        scope=id_.scope,
        subject=id_.subject,
        status=standing.status.value,
        last=standing.last.value,
        stale=standing.stale,
        reason=standing.why,
        since=standing.state.since,
        observed_at=finding.observed_at,
        seen_at=standing.seen_at,
        run=standing.state.run,
        limits=finding.limits,
        evidence=finding.evidence,
        fix="" if check is None else check.fix,
        trace=finding.trace,
        risks=() if bears is None or standing.status is not Status.FAIL else bears.get(id_.check, ()),
    )


def show_findings(shape: FindingsShape, out: Page) -> None:
    """Print the findings check by check."""
    last = ""
    for one in shape.findings:
        if one.check != last:
            if last:
                out.gap()
            out.line(
                Mark(one.severity, "bold" if one.severity in {"critical", "high"} else ""), Mark(one.check, "bold")
            )
            out.line(one.title or "this check is not part of this installation", indent=2)
            # Fails come first, and every fail of a check bears on the same risks.
            if one.risks:
                out.paragraph(f"bears on {'; '.join(one.risks)}", indent=2)
            last = one.check
        show_finding(one, out)
    if shape.findings:
        out.gap()
    counts = " / ".join(f"{shape.counts[status.value]} {word}" for status, word in _BY_WEIGHT)
    out.line(Mark(counts, "bold"), f"as of {show_moment(shape.at)}")
    not_shown = shape.matched - shape.shown
    if not_shown:
        out.line(f"{not_shown} of {shape.matched} are not shown: --all shows them, a filter chooses")
    hidden = [word for status, word in _BY_WEIGHT if status.value not in shape.statuses and shape.counts[status.value]]
    if hidden:
        out.line(f"not listed: {' and '.join(hidden)}; --status all lists them")
    if shape.without_tags:
        out.line(f"{some(shape.without_tags, 'finding')} left out because no tags are known of them")


_BY_WEIGHT = tuple((status, WORDS[status]) for status in _RANK)


def show_finding(one: FindingShape, out: Page, indent: int = 2) -> None:
    """Print one finding: where, since when, and why."""
    where = f"{one.source}:{show_scope(one.scope)}"
    status = Status(one.status)
    word: Cell = Mark(WORDS[status], {Status.FAIL: "red", Status.UNKNOWN: "grey"}.get(status, ""))
    since = f"in {where}, since {one.since.date().isoformat()}"
    out.line(word, Mark(show_subject(one.subject), "bold"), since, indent=indent)
    if one.reason != one.title:
        out.paragraph(one.reason, indent=indent + 4)
