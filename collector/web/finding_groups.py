"""Findings put together by check, resource or control, with how many of each verdict there are in each."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from collector.core.scopes import show_scope
from collector.pages.web_charts import share_bar
from collector.report.findings.finding_filter import SEVERITIES
from collector.web.addresses import VERDICT_WORDS, resource_name
from collector.web.finding_rows import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markupsafe import Markup

    from collector.web.finding_query import FindingQuery
    from collector.web.finding_rows import FindingRow, Findings

_LAST = len(SEVERITIES)


class Group(NamedTuple):
    """Some findings. `only` are the filters that give exactly these; `oldest` is since when the oldest open one is."""

    name: str
    detail: str
    severity: str
    only: dict[str, str]
    counts: Counter[str]
    oldest: datetime | None

    @property
    def bar(self) -> Markup:
        """The counts as a bar, in the order of verdicts."""
        return share_bar(((verdict, VERDICT_WORDS[verdict], self.counts[verdict]) for verdict in VERDICTS), self.name)

    @property
    def total(self) -> int:
        """The number of findings."""
        return self.counts.total()


def groups_of(
    findings: Findings, rows: Iterable[FindingRow], of_any_verdict: Iterable[FindingRow], query: FindingQuery
) -> list[Group]:
    """Return the groups of some rows, those with the most severe open findings first.

    Each counts what is in it whatever the verdict, because three fails of fifteen are not three of three.
    """
    wanted = {key for row in rows for key, *_ in _keys(findings, row, query.group)}
    found: dict[tuple[str, ...], Group] = {}
    for row in of_any_verdict:
        for key, name, detail, only in _keys(findings, row, query.group):
            if key not in wanted:
                continue
            group = found.get(key)
            if group is None:
                group = found[key] = Group(name, detail, "", only, Counter(), None)
            group.counts[row.verdict] += 1
            if row.verdict in {"fail", "unknown"} and _rank(row.severity) < _rank(group.severity):
                group = found[key] = group._replace(severity=row.severity)
            if row.verdict == "fail" and (group.oldest is None or row.since < group.oldest):
                found[key] = group._replace(oldest=row.since)
    return sorted(found.values(), key=_order)


def _keys(findings: Findings, row: FindingRow, by: str) -> Iterator[tuple[tuple[str, ...], str, str, dict[str, str]]]:
    match by:
        case "resource":
            only = {"resource": row.subject, "account": f"{row.source}: {show_scope(row.scope[:1])}"}
            place = f"{row.source}: {show_scope(row.scope)}"
            yield (row.source, *row.scope, row.subject), resource_name(row.subject), place, only
        case "control":
            for link in findings.controls.get(row.check, ()):
                if link.is_direct and (link.sources is None or row.source in link.sources):
                    name = f"{link.framework}/{link.control}" + (f"/{link.role}" if link.role else "")
                    yield (name,), f"{link.control} {link.title}", name, {"control": name}
        case _:
            yield (row.check,), row.title or row.check, row.check, {"check": row.check}


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else _LAST


def _order(group: Group) -> tuple[bool, int, int, int, str, str]:
    counts = group.counts
    return not counts["fail"], _rank(group.severity), -counts["fail"], -counts["unknown"], group.name, group.detail
