"""Findings put together by check or control, with how many of each verdict there are in each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from collector.pages.finding_rows import VERDICTS, rank_of, verdict_of
from collector.pages.page_words import VERDICT_WORDS
from collector.pages.web_charts import share_bar
from collector.report.findings.finding_cells import Cell
from collector.report.findings.finding_filter import AGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from collector.pages.finding_rows import Findings
    from collector.web.finding_query import Filtered

_AGES = ("", *AGES)
"""No age, and the spans of ages, the youngest first."""


class Group(NamedTuple):
    """Some findings. `only` are the filters that give exactly these, `oldest` is the age of the oldest that fails."""

    name: str
    detail: str
    severity: str
    only: dict[str, str | tuple[str, ...]]
    counts: Counter[str]
    oldest: str = ""

    @property
    def bar(self) -> Markup:
        """The counts as a bar, in the order of verdicts."""
        return share_bar(((verdict, VERDICT_WORDS[verdict], self.counts[verdict]) for verdict in VERDICTS), self.name)


def groups_of(findings: Findings, found: Filtered, by: str, sort: str = "severity") -> list[Group]:
    """Return the groups of what passes the filters, those with the most severe or the oldest open findings first.

    Each counts what is in it whatever the verdict, because three fails of fifteen are not three of three.
    """
    wanted = {key for cell in found.cells for key, *_ in _keys(findings, cell, by)}
    made: dict[str, Group] = {}
    for cell in found.of_any_verdict:
        for key, name, detail, only in _keys(findings, cell, by):
            if key in wanted:
                group = made.setdefault(key, Group(name, detail, "", only, Counter()))
                made[key] = with_cell(group, cell, findings.severity(cell.check))
    return sorted(made.values(), key=_ORDERS[sort])


def _keys(findings: Findings, cell: Cell, by: str) -> Iterator[tuple[str, str, str, dict[str, str | tuple[str, ...]]]]:
    if by == "check":
        yield cell.check, findings.title(cell.check) or cell.check, cell.check, {"check": cell.check}
        return
    for link in findings.controls.get(cell.check, ()):
        if link.is_direct and (link.sources is None or cell.place.source in link.sources):
            name = f"{link.framework}/{link.control}" + (f"/{link.role}" if link.role else "")
            yield name, f"{link.control} {link.title}", name, {"control": name}


def with_cell(group: Group, cell: Cell, severity: str) -> Group:
    """Return a group with the findings of a cell more, whose check has this severity."""
    verdict, age = verdict_of(cell), cell.alike.age
    group.counts[verdict] += cell.total
    if verdict == "fail" and _age(age) > _age(group.oldest):
        group = group._replace(oldest=age)
    is_worse = verdict in {"fail", "unknown"} and rank_of(severity) < rank_of(group.severity)
    return group._replace(severity=severity) if is_worse else group


def _age(name: str) -> int:
    return _AGES.index(name)


def _order(group: Group) -> tuple[bool, int, int, int, str, str]:
    counts = group.counts
    return not counts["fail"], rank_of(group.severity), -counts["fail"], -counts["unknown"], group.name, group.detail


def _by_age(group: Group) -> tuple[int, tuple[bool, int, int, int, str, str]]:
    return -_age(group.oldest), _order(group)


_ORDERS = {"severity": _order, "age": _by_age}
