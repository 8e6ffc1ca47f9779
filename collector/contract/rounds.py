"""Plays wrong answers for many calls in one run, each of them for its own lists and parts, and says what came of it."""

from __future__ import annotations

import logging
import threading
import unittest
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.contract.apart import lists_apart, parts_apart
from collector.contract.blocking_calls import sleeping
from collector.contract.suite_run import LARGEST_ANSWER, SuiteRun
from collector.contract.wrong_answers import NONSENSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.contract.harness import Harness
    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.core.connectors import Part
    from collector.core.ports import Stored
    from collector.core.tasks import Observation

logger = logging.getLogger(__name__)


_SECOND_PAGE = "second page"
PLAYED = frozenset(
    {*NONSENSE, "gone", "gone by a page", "unauthenticated", "odd count", "too large", "throttled", "redirect"}
    | {"next link", "silence", "huge", "refusal", "one refusal", "twin", _SECOND_PAGE}
)
"""The words for what is played, by which a harness says in `not_possible` that its platform cannot do it."""


@dataclass(frozen=True)
class ByCall:
    """Another `Make` for each call, so that it may count the requests of one."""

    of: Callable[[str], Make]


class NotPossible(unittest.SkipTest):
    """Raised by a rule of which the platform can do nothing, with the harness' reason; pytest shows it as skipped."""


@dataclass(frozen=True)
class Listed:
    """What came of a list whose call was answered wrongly."""

    call: str
    kind: str
    seen: list[Observation]
    changed: int
    trial: SuiteRun


@dataclass(frozen=True)
class Filled:
    """What came of a part whose call was answered wrongly."""

    call: str
    part: Part[Any]
    resources: list[Stored]
    changed: int
    trial: SuiteRun

    @property
    def name(self) -> str:
        """Kind and part."""
        return f"{self.part.kind.name}.{self.part.name}"


def excuse(harness: Harness, how: str, call: str = "") -> str | None:
    """Return why a platform cannot do this, for a call or at all; None where it can."""
    reason = harness.not_possible.get(how) or harness.not_possible.get(f"{how} {call}")
    if reason is not None:
        logger.info("%s: %s%s cannot be played: %s", harness.connector.name, how, call and f" {call}", reason)
    return reason


def lists_nothing_itself(harness: Harness, call: str, kind: str) -> bool:
    """Whether a list only looks something up by a call, so that half of that is no part of the list."""
    return excuse(harness, _SECOND_PAGE, f"{call} of {kind}") is not None


def require_known_excuses(harness: Harness) -> None:
    """Fail where `not_possible` is about something that is not played, or a call that is not declared."""
    connector = harness.connector
    calls = {call for collection in connector.collections.values() for call in collection.calls}
    calls |= {call for parts in connector.parts.values() for part in parts for call in part.calls}
    known = PLAYED | {f"{how} {call}" for how in PLAYED for call in calls}
    of_lists = ((kind, call) for kind, collection in connector.collections.items() for call in collection.calls)
    known |= {f"{_SECOND_PAGE} {call} of {kind}" for kind, call in of_lists}
    unknown = sorted(harness.not_possible.keys() - known)
    assert not unknown, f"not_possible has {unknown}, which the suite does not play: {sorted(PLAYED)}"


def require_possible(harness: Harness, how: str) -> None:
    """Raise NotPossible where the harness says that the platform cannot do this at all."""
    reason = excuse(harness, how)
    if reason is not None:
        raise NotPossible(f"{harness.connector.name}: {how}: {reason}")


class Plays:
    """Plays a `Make` for each of some calls, and counts the answers that it changed."""

    def __init__(self, trial: SuiteRun) -> None:
        self._trial = trial
        self._lock = threading.Lock()
        self.changed: Counter[str] = Counter()

    def play(self, call: str, make: Make) -> None:
        """Play it for a call from now on."""

        def counting(request: RawRequest, own: RawAnswer) -> RawAnswer:
            try:
                made = make(request, own)
            except TimeoutError:
                # The client has waited for as long as it does.
                self._trial.clock.move(timedelta(seconds=request.timeout or 0))
                with self._lock:
                    self.changed[call] += 1
                raise
            if made.said() != own.said():
                with self._lock:
                    self.changed[call] += 1
            return made

        self._trial.double.play(call, counting)


def lists_answered(
    harness: Harness, how: str, make: Make | ByCall, *, only_paged: bool = False, **run: Any
) -> Iterator[Listed]:
    """Answer every call of a list in this way, and yield what came of each; `how` is the word for it."""
    require_known_excuses(harness)
    for round_ in lists_apart(harness):
        calls = {
            call
            for call in round_.values()
            if excuse(harness, how, call) is None and (call in harness.paged or not only_paged)
        }
        kinds = [kind for kind, call in round_.items() if call in calls]
        if kinds:
            trial, changed = _played(harness, calls, make, kinds, **run)
            for kind in kinds:
                call = round_[kind]
                yield Listed(call, kind, trial.of(kind), changed[call], trial)


def parts_answered(harness: Harness, how: str, make: Make | ByCall, **run: Any) -> Iterator[Filled]:
    """Answer every call of a part in this way, and yield what came of each."""
    require_known_excuses(harness)
    for round_ in parts_apart(harness):
        of_kinds = {kind: call for kind, call in round_.items() if excuse(harness, how, call) is None}
        if of_kinds:
            trial, changed = _played(harness, {*of_kinds.values()}, make, [*of_kinds], **run)
            for kind, call in of_kinds.items():
                resources = trial.resources(kind)
                for part in harness.connector.parts[kind]:
                    if call in part.calls:
                        yield Filled(call, part, resources, changed[call], trial)


def _played(
    harness: Harness,
    calls: set[str],
    make: Make | ByCall,
    kinds: list[str],
    *,
    deadline: timedelta = timedelta(hours=1),
    largest_answer: int = LARGEST_ANSWER,
) -> tuple[SuiteRun, Mapping[str, int]]:
    with harness.fixture() as double, sleeping():
        trial = SuiteRun(harness, double)
        plays = Plays(trial)
        for call in calls:
            plays.play(call, make.of(call) if isinstance(make, ByCall) else make)
        trial.run(*kinds, deadline=deadline, largest_answer=largest_answer)
    return trial, plays.changed
