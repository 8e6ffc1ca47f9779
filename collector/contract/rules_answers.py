"""Rules on answers that are not what was asked for: each list says that it was not read, and each part is unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.contract.kept_runs import undisturbed
from collector.contract.rounds import lists_answered, parts_answered, require_possible
from collector.contract.rules import rule
from collector.contract.wrong_answers import NONSENSE, ODD_COUNTS, gone_page, with_status
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collector.contract.harness import Harness
    from collector.contract.rounds import Filled, Listed

_NOT_READ = {Outcome.FAILED, Outcome.PARTIAL, Outcome.DENIED}


@rule
def believes_no_nonsense(harness: Harness) -> None:
    """A success that is none, such as a page of a proxy, never ends a list as COMPLETE and never fills a part."""
    for how, make in NONSENSE.items():
        # Only of a list in pages is it known that its answer is nothing without a list.
        only_paged = how == "without lists"
        for listed in lists_answered(harness, how, make, only_paged=only_paged):
            require_not_read(listed, how)
        for filled in () if only_paged else parts_answered(harness, how, make):
            require_unread(filled, how)


@rule
def tells_gone_from_empty(harness: Harness) -> None:
    """Status 404 is not an empty list; a part is null by it only where its declaration says so."""
    for how, make in {"gone": with_status(404), "gone by a page": gone_page}.items():
        for listed in lists_answered(harness, how, make):
            require_not_read(listed, how)
        for filled in parts_answered(harness, how, make):
            if not any(code.startswith("404") for code in filled.part.absent):
                require_unread(filled, how)


@rule
def reports_a_credential_that_is_not_valid(harness: Harness) -> None:
    """Status 401 is a refusal of a list and of a part, and no failure that would pass by itself."""
    how, make = "unauthenticated", with_status(401, www_authenticate="Bearer")
    for listed in lists_answered(harness, how, make):
        several = len(harness.connector.collections[listed.kind].calls) > 1
        ends = {seen.outcome for seen in listed.seen}
        allowed = {Outcome.DENIED, Outcome.PARTIAL} if several else {Outcome.DENIED}
        assert ends <= allowed, f"{listed.call} was answered 401 and {listed.kind} ended as {ends}"
    for filled in parts_answered(harness, how, make):
        require_unread(filled, how)
        reports = [stored.unread.get(filled.part.name) for stored in filled.resources]
        kind_of = {report.denied for report in reports if report is not None}
        assert kind_of == {True}, f"{filled.call} was answered 401 and {filled.name} is not reported as refused"


@rule
def believes_no_odd_count(harness: Harness) -> None:
    """A count that is none, or is wrong, ends a list as not COMPLETE or is ignored; it is never kept as the count."""
    require_possible(harness, "odd count")
    changed = 0
    for how, make in ODD_COUNTS.items():
        for listed in lists_answered(harness, "odd count", make, only_paged=True):
            changed += listed.changed
            right = {seen.task: seen.listed for seen in undisturbed(harness).trial.of(listed.kind)}
            assert listed.seen, f"{listed.call} counts {how} and {listed.kind} was not run to an end"
            for seen in listed.seen:
                if seen.outcome is Outcome.COMPLETE:
                    total = seen.provenance.total
                    assert seen.listed == right[seen.task], f"{listed.call} counts {how}: {seen.task} is cut"
                    assert total is None or (type(total) is int and total == seen.listed), (
                        f"{listed.call} counts {how}: {seen.task} is COMPLETE with a count of {total!r}"
                    )
    assert changed, (
        "no list of the double states a count (a key or header with total or count in its name beside the list):"
        " give it one as the platform has it, or say in not_possible['odd count'] that the platform has none"
    )


def require_not_read(listed: Listed, how: str) -> None:
    """Fail where a list that was answered so counts as read."""
    if listed.changed:
        ends = {seen.outcome for seen in listed.seen}
        assert ends, f"{listed.call} was answered by {how} and {listed.kind} was not run to an end"
        assert ends <= _NOT_READ, f"{listed.call} was answered by {how} and {listed.kind} ended as {ends}"


def require_unread(filled: Filled, how: str) -> None:
    """Fail where a part that was answered so counts as read."""
    if filled.changed:
        unread = [filled.part.name in stored.unread for stored in filled.resources]
        assert any(unread), f"{filled.call} was answered by {how} and {filled.name} counts as read"
        # A part of several calls may not have needed this one for every resource.
        assert len(filled.part.calls) > 1 or all(unread), (
            f"{filled.call} was answered by {how} and {filled.name} counts as read for some"
        )
