"""What became of findings between two moments, in words that people count by: newly failing, fixed, lost sight of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from collector.core.checks import Status
from collector.core.history import KeepsHistory
from collector.report.findings.changed_findings import changed_findings
from collector.report.findings.changes_since import ChangeView, change_view, why_changed
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collector.report.findings.changed_findings import Sides
    from collector.report.state.known import CurrentFinding, Reading

Turn = Literal["newly failing", "fixed", "no longer failing", "lost sight of", "newly unknown", "other"]

TURNS: dict[Turn, str] = {
    "newly failing": "It fails, and did not at the earlier moment.",
    "fixed": "It failed, and passes on other evidence, by the same rule and limits.",
    "no longer failing": "It failed, and does not with a changed rule or limit, because there is nothing to check, or"
    " because the resource, its place or the check is gone. That is not the same as fixed.",
    "lost sight of": "It failed, and cannot be decided any more. It counts as open.",
    "newly unknown": "It did not fail, and cannot be decided any more.",
    "other": "It passes or has nothing to check, and did not; or it was something else in between.",
}
"""What became of a finding, and what that means."""


class TurnedFinding(Struct, frozen=True, kw_only=True):
    """A finding that is not what it was. `in_scope` is by the scope at the later moment."""

    turn: Turn
    in_scope: bool
    change: ChangeView


class Turns(Struct, frozen=True, kw_only=True):
    """What became of findings. `counts` are of all, by turn and whether in scope; `findings` may be the first only."""

    counts: Counter[tuple[Turn, bool]]
    findings: list[TurnedFinding]

    @property
    def is_whole(self) -> bool:
        """Whether all that are counted are listed."""
        return len(self.findings) == self.counts.total()


def turns_between(then: Reading, now: Reading, most: int) -> Turns:
    """Return what became of findings between two moments, in the order of the store; at most so many are listed."""
    counts: Counter[tuple[Turn, bool]] = Counter()
    listed: list[TurnedFinding] = []
    recoded = _recoded(then, now)
    for sides in changed_findings(then, now):
        why = why_changed(*sides, then.at)
        if why is None:
            continue
        change = change_view(*sides, why)
        turn = _turn(sides, change, is_recoded=(change.check, change.source) in recoded)
        in_scope = now.decides(change.source, change.scope)
        counts[turn, in_scope] += 1
        if len(listed) < most:
            listed.append(TurnedFinding(turn=turn, in_scope=in_scope, change=change))
    return Turns(counts=counts, findings=listed)


def _turn(sides: Sides, change: ChangeView, *, is_recoded: bool) -> Turn:
    old, new = sides
    if change.why == "and back":
        return "other"
    if old is not None and _is_open(old):
        return "no longer failing" if new is None else _of_open(old, new, is_recoded=is_recoded)
    if new is not None and new.status is Status.FAIL:
        return "newly failing"
    return "newly unknown" if new is not None and new.status is Status.UNKNOWN else "other"


def _of_open(old: CurrentFinding, new: CurrentFinding, *, is_recoded: bool) -> Turn:
    """Return what became of a finding that failed, or was last seen failing."""
    was, now = old.state.finding, new.state.finding
    match new.status:
        case Status.FAIL:
            return "other"  # it was out of sight, and is not any more
        case Status.UNKNOWN if new.failing_since is not None:
            return "lost sight of"
        case Status.PASS if was.evidence != now.evidence and was.limits == now.limits and not is_recoded:
            return "fixed"
        case _:
            return "no longer failing"


def _recoded(then: Reading, now: Reading) -> set[tuple[str, str]]:
    """Return the checks, each in a source, whose code was another one at the earlier moment."""
    store = now.store
    if not isinstance(store, KeepsHistory):
        return set()
    before, after = store.history.rules(as_of=then.as_of), store.history.rules(as_of=now.as_of)
    return {
        place for place, rule in after.items() if place in before and carried(before[place].code) != carried(rule.code)
    }


def _is_open(found: CurrentFinding) -> bool:
    return found.status is Status.FAIL or found.failing_since is not None
