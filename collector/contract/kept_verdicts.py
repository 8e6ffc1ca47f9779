"""The rule about checks: a verdict that is kept is the one that judging again would give."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from collector.contract.kept_runs import undisturbed
from collector.contract.suite_run import SOURCE
from collector.core.errors import ConfigError
from collector.engine.check_inputs import Inputs
from collector.engine.evaluation import Evaluation, evaluate, outcome
from collector.engine.freshness import Freshness
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.engine.stored_evidence import StoredEvidence, view_of
from collector.engine.time_use import HORIZON
from collector.engine.units import Units
from collector.setup.loading import GROUP, builtin, connector, connector_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from types import FrameType

    from collector.contract.harness import Double, Harness
    from collector.contract.suite_run import SuiteRun
    from collector.core.checks import Check
    from collector.engine.units import Unit

    Case = tuple[Rule, dict[str, Any], datetime]

_MOST_BOUNDARIES = 6
"""How many boundaries of a verdict are looked at, one after the other."""

_LATER = tuple(timedelta(seconds=each) for each in (1, 3_600, 86_400, 604_800, 2_592_000, 31_536_000, 315_360_000))

_CLOCKS = (
    *(time.time, time.time_ns, time.monotonic, time.monotonic_ns, time.perf_counter, time.perf_counter_ns),
    *(time.localtime, time.gmtime, time.ctime),  # of now, where they are given no time
)

_TODAY = {"now", "utcnow", "today"}
"""The methods of datetime and date that ask a clock."""


def keeps_verdicts_that_hold(harness: Harness) -> None:
    """A check says the same whenever it is asked, until the moment found by one evaluation; it asks no clock."""
    rules = [Rule(check, check.limit_values({})) for check in _checks_of(harness)]
    with harness.fixture() as double:
        for rule, evidence, at in _cases(harness, double, rules):
            _keeps(rule, evidence, at)


def _checks_of(harness: Harness) -> Iterable[Check[...]]:
    """Return the checks that a harness names, or those that come with its connector.

    A package that is not installed is looked through where its harness is.
    """
    own: Iterable[Check[...]] | None = getattr(harness, "checks", None)
    if own is not None:
        return own
    name = harness.connector.name
    try:
        if name in {*builtin(), *(entry.name for entry in entry_points(group=GROUP))}:
            return connector(name).checks.values()
        return connector_in(name, type(harness).__module__.partition(".")[0]).checks.values()
    except ConfigError as error:
        message = f"the checks of the connector cannot be loaded, and the harness has no `checks`: {error}"
        raise AssertionError(message) from error


def _cases(harness: Harness, double: Double, rules: list[Rule]) -> Iterator[Case]:
    """Yield each rule with evidence for it out of the fixture, and the moment at which that was observed."""
    trial = undisturbed(harness).trial
    plan = next(iter(trial.store.plans()))
    freshness = Freshness(
        Source(SOURCE, harness.connector, harness.settings(double)),
        scopes=plan.scopes.get(SOURCE, ()),
        incomplete_discoveries=plan.incomplete_discoveries,
        latest=trial.store.observations(source=SOURCE),
        complete=trial.store.last_complete(source=SOURCE),
    )
    for unit in Units(rules, freshness).all:
        yield from _of_unit(trial, freshness, unit)


def _of_unit(trial: SuiteRun, freshness: Freshness, unit: Unit) -> Iterator[Case]:
    at = trial.clock.now()
    evidence = StoredEvidence(trial.store, freshness)
    views: list[Any] = [None]
    if unit.incomplete is not None:
        views = []
    elif unit.task is not None:
        kind = freshness.source.collections[unit.task.collection].kind
        stored = trial.store.resources(kind.name, source=SOURCE, under=unit.scope)
        views = [view_of(kind, resource) for resource in stored if resource.task == unit.task]
    for rule in unit.rules:
        for view in views:
            # A text is why there is no view, and no check is called for it.
            if not isinstance(view, str):
                yield rule, Inputs(evidence, rule, unit.scope, at).filled(view), at


def _keeps(rule: Rule, evidence: dict[str, Any], at: datetime) -> None:
    for _ in range(_MOST_BOUNDARIES):
        evaluated = evaluate(rule.check, evidence, at, limits=rule.limits)
        _says_the_same(rule, evidence, evaluated)
        if evaluated.trace is not None or evaluated.holds_until is None or evaluated.judges_again:
            return
        at = evaluated.holds_until


def _says_the_same(rule: Rule, evidence: dict[str, Any], evaluated: Evaluation) -> None:
    """Compare a verdict with those that the check gives at the moments for which it holds."""
    check, began = rule.check, evaluated.judged_at
    until = began + HORIZON if evaluated.holds_until is None else evaluated.holds_until
    reason_until = began + HORIZON if evaluated.reason_until is None else evaluated.reason_until
    ends = [end - timedelta(microseconds=1) for end in (until, reason_until)]
    for at in (began, *(began + later for later in _LATER), began + (until - began) / 2, *ends):
        if at == began or began < at < until:
            now = {"now": at} if check.wants_now else {}
            with _clocks_asked() as asked:
                fresh, _ = outcome(check, {**evidence, **rule.limits, **now})
            kept = evaluated.verdict
            assert not asked, f"{check.id} asked {asked[0]}: a check is given `now`, and asks no clock"
            assert fresh.status is kept.status, f"{check.id}: kept {kept} of {began}, and judged again at {at}: {fresh}"
            if at == began or at < reason_until:
                assert fresh.reason == kept.reason, f"{check.id}: kept {kept} of {began}, and at {at} says {fresh}"


@contextmanager
def _clocks_asked() -> Iterator[list[str]]:
    """Collect the names of the clocks that this thread asks. Meanwhile no garbage is collected.

    Whoever measures how long that takes asks a clock, in whatever call it comes.
    """
    asked: list[str] = []

    def profile(_frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            owner = getattr(called, "__self__", None)
            is_today = isinstance(owner, type) and issubclass(owner, date) and called.__name__ in _TODAY
            if is_today or called in _CLOCKS:
                asked.append(called.__qualname__)

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()
    sys.setprofile(profile)
    try:
        yield asked
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
