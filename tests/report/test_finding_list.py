"""Lists of findings: what the database counts is what going through all findings counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import Status
from collector.core.errors import UsageError
from collector.core.isms.scope import SourceScope
from collector.core.scopes import scope_text, within
from collector.report.findings.finding_cells import Facets, FindingCells
from collector.report.findings.finding_filter import AGES, FindingQuery, kind_of_check, service_of_check
from collector.report.findings.finding_list import FindingList, ResourceLine
from collector.report.findings.matching_findings import findings_view
from collector.report.state.accepting import accepted_findings
from tests.report.one_by_one import OneByOne as Through
from tests.report.random_findings import add_random_findings, write_random_company

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.core.findings import FindingId
    from collector.report.state.known import CurrentFinding, Reading
    from tests.cli.conftest import Desk

ACME, GLOBEX = SourceScope("code", ("acme",)), SourceScope("code", ("globex",))
QUERIES = (
    FindingQuery(),
    FindingQuery(statuses=(Status.FAIL,)),
    FindingQuery(statuses=(Status.UNKNOWN,), in_scope=True),
    FindingQuery(severities=("high", "medium"), states=("open",)),
    FindingQuery(states=("accepted",)),
    FindingQuery(states=("open",), ages=("8-30", "31-90")),
    FindingQuery(ages=("0-7",), sources=("gone",)),
    FindingQuery(controls=("played:1/1.2",), accounts=(ACME,), owners=("ann", "")),
    FindingQuery(checks=("played_member_mfa",), statuses=(Status.FAIL,), accounts=(GLOBEX,)),
    FindingQuery(services=("repo",), in_scope=False),
    FindingQuery(owners=("bob",)),
)
FILTER_OF = {
    "verdicts": "statuses",
    "states": "states",
    "ages": "ages",
    "severities": "severities",
    "checks": "checks",
    "controls": "controls",
    "sources": "sources",
    "accounts": "accounts",
    "in_scope": "in_scope",
    "owners": "owners",
}
"""Of each facet the filter that it is for."""


@dataclass(frozen=True)
class OneByOne:
    """Every finding of a reading, looked at by itself."""

    reading: Reading
    all: tuple[CurrentFinding, ...]
    accepted: frozenset[FindingId]

    def values(self, found: CurrentFinding) -> Mapping[str, list[Any]]:
        """Return what a finding has for each filter."""
        id_, reading = found.id, self.reading
        check = reading.check(id_.check)
        days = (reading.at - (found.failing_since or found.state.since)).days
        is_open = (found.status is Status.FAIL and id_ not in self.accepted) or found.failing_since is not None
        return {
            "statuses": [found.status],
            "states": ["accepted"] if id_ in self.accepted else ["open"] if is_open else [],
            "ages": [next(name for name, last in AGES.items() if last is None or days <= last)],
            "severities": ["unknown" if check is None else check.severity],
            "checks": [id_.check],
            "services": [] if check is None else [service_of_check(check)],
            "controls": [
                f"{framework.id}/{control.id}"
                for framework in reading.app.frameworks()
                for control in framework.controls
                if id_.check in control.checks
            ],
            "sources": [id_.source],
            "accounts": [SourceScope(id_.source, id_.scope[:1])],
            "in_scope": [reading.decides(id_.source, id_.scope)],
            "owners": [reading.owner(id_.source, id_.scope)],
        }

    def takes(self, found: CurrentFinding, asked: FindingQuery) -> bool:
        """Return whether every filter takes a finding."""
        for name, values in self.values(found).items():
            chosen = getattr(asked, name)
            if chosen in ((), None):
                continue
            if name == "accounts":
                taken = any(
                    account.source == found.id.source and within(found.id.scope, account.scope) for account in chosen
                )
            else:
                taken = any(value in (chosen if isinstance(chosen, tuple) else (chosen,)) for value in values)
            if not taken:
                return False
        return True

    def taken(self, asked: FindingQuery) -> list[CurrentFinding]:
        """Return the findings that every filter takes."""
        return [found for found in self.all if self.takes(found, asked)]

    def facet(self, name: str, asked: FindingQuery) -> Counter[Any]:
        """Count the values of a facet under the other filters."""
        empty: Any = None if name == "in_scope" else ()
        others = self.taken(replace(asked, **{FILTER_OF[name]: empty}))
        return Counter(chain.from_iterable(self.values(found)[FILTER_OF[name]] for found in others))


@pytest.fixture
def reading(desk: Desk) -> Reading:
    """Verdicts of every sort, with exceptions and a scope."""
    add_random_findings(desk)
    write_random_company(desk)
    return desk.reading()


@pytest.fixture
def one_by_one(reading: Reading) -> OneByOne:
    """The findings of the reading."""
    return OneByOne(reading, tuple(reading.findings()), frozenset(accepted_findings(reading)))


def pages(made: FindingList, size: int) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Yield the findings of all pages, which say where they are in the list."""
    after, seen = None, 0
    while True:
        page = made.page(size, after)
        assert (page.total, page.before) == (made.total, seen)
        for listed in page.findings:
            found = listed.finding
            yield (found.check, found.source, found.scope, found.subject)
        seen += len(page.findings)
        after = page.after
        if after is None:
            return


def test_the_made_up_store_has_every_sort_of_finding(one_by_one: OneByOne) -> None:
    """Otherwise the comparisons below compare nothing."""
    seen = Counter[Any]()
    for found in one_by_one.all:
        seen.update(chain.from_iterable(one_by_one.values(found).values()))

    assert all(seen[status] for status in Status)
    assert all(seen[age] for age in list(AGES)[:4])
    assert all(
        seen[word] for word in ("accepted", "open", "gone", "ann", "bob", "", True, False, "unknown", ACME, GLOBEX)
    )
    assert any(found.stale and found.last is Status.FAIL for found in one_by_one.all)
    assert any(found.failing_since and not found.stale for found in one_by_one.all)


def test_counts_and_lists_are_those_of_going_through_all(reading: Reading, one_by_one: OneByOne) -> None:
    """Total, facets, and every page in the order of `annexd findings`, for filters of every sort."""
    cells = FindingCells(reading)
    for asked in QUERIES:
        made, expected = FindingList(reading, asked, cells), one_by_one.taken(asked)
        facets = made.facets()
        assert made.total == len(expected), asked
        for facet in fields(Facets):
            assert Counter(getattr(facets, facet.name)) == one_by_one.facet(facet.name, asked), (asked, facet.name)
        whole = list(pages(made, 10_000))
        assert sorted(whole) == sorted((f.id.check, f.id.source, f.id.scope, f.id.subject) for f in expected), asked
        assert list(pages(made, 7)) == whole, asked


def test_the_order_and_the_counts_are_those_of_the_command(reading: Reading) -> None:
    """A page and `annexd findings` show the same."""
    through = Through(reading.app, reading.store, reading.at)
    for asked in (asked for asked in QUERIES if not (asked.states or asked.ages)):
        for most in (None, 9):
            assert findings_view(reading, asked, most) == findings_view(through, asked, most)
    view = findings_view(through, FindingQuery(statuses=tuple(Status)))
    made = FindingList(reading, FindingQuery())
    assert [listed.finding for listed in made.stream()] == view.findings
    with pytest.raises(UsageError):
        findings_view(reading, FindingQuery(states=("open",), tags=(("tier", None),)))
    assert {status.value: count for status, count in made.facets().verdicts.items()} == view.counts


def test_a_line_a_check_counts_all_verdicts(reading: Reading, one_by_one: OneByOne) -> None:
    """Three of fifteen fail: the fifteen are under the other filters."""
    asked = FindingQuery(statuses=(Status.FAIL,), severities=("high",))
    lines = FindingList(reading, asked).by_check()
    fails, everything = one_by_one.taken(asked), one_by_one.taken(replace(asked, statuses=()))

    assert {line.check: line.matched for line in lines} == Counter(found.id.check for found in fails)
    for line in lines:
        of_check = [found for found in everything if found.id.check == line.check]
        assert Counter(line.verdicts) == Counter(found.status for found in of_check)
        assert line.accepted == sum(found.id in one_by_one.accepted for found in of_check)


def test_resources_come_a_page_at_a_time(reading: Reading, one_by_one: OneByOne) -> None:
    """Findings on one resource are one line, those of another kind with the same name another."""
    for asked in QUERIES:
        expected = Counter(
            (id_.source, scope_text(id_.scope), id_.subject, "" if check is None else kind_of_check(check))
            for found in one_by_one.taken(asked)
            for id_, check in [(found.id, reading.check(found.id.check))]
        )
        made, after, lines = FindingList(reading, asked), None, list[ResourceLine]()
        while True:
            page = made.by_resource(5, after)
            assert (page.total, page.before) == (len(expected), len(lines))
            lines += page.resources
            after = page.after
            if after is None:
                break
        found = [((line.source, scope_text(line.scope), line.subject, line.kind), line.matched) for line in lines]
        assert found == sorted(expected.items())
        assert all(sum(line.verdicts.values()) == line.matched for line in lines)


def test_a_page_of_a_past_day_is_of_that_day(desk: Desk) -> None:
    """Later verdicts are in no count and on no page."""
    reading = desk.reading(add_random_findings(desk))
    expected = {found.id: found.status for found in reading.findings()}
    made = FindingList(reading, FindingQuery())

    assert made.total == len(expected) != sum(1 for _ in desk.reading().findings())
    assert {
        (
            listed.finding.check,
            listed.finding.source,
            listed.finding.scope,
            listed.finding.subject,
        ): listed.finding.status
        for listed in made.stream()
    } == {(id_.check, id_.source, id_.scope, id_.subject): status.value for id_, status in expected.items()}


@pytest.mark.parametrize("after", ["", "x", "bm90aGluZw", "W10"])
def test_what_no_page_gave_is_refused(scanned: Desk, after: str) -> None:
    """An address that somebody made up shows no page by chance."""
    made = FindingList(scanned.reading(), FindingQuery())

    with pytest.raises(UsageError):
        made.page(10, after)
    with pytest.raises(UsageError):
        made.by_resource(10, after)


@pytest.mark.parametrize(
    "asked",
    [
        FindingQuery(checks=("no_such",)),
        FindingQuery(sources=("no",)),
        FindingQuery(controls=("9.9",)),
        FindingQuery(services=("no",)),
        FindingQuery(states=("shut",)),
        FindingQuery(ages=("1-2",)),
    ],
)
def test_a_filter_by_what_there_is_not_is_refused(scanned: Desk, asked: FindingQuery) -> None:
    """An empty list would look like a list without deviations."""
    with pytest.raises(UsageError):
        FindingList(scanned.reading(), asked)
