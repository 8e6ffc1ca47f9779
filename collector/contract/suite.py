"""The rules that every connector must pass. Each takes a `Harness`, and raises AssertionError with what is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from collector.contract.blocking_calls import blocking_on_the_loop, sleeping
from collector.contract.suite_run import DEADLINE, SuiteRun
from collector.contract.view_types import types_at
from collector.core.tasks import Outcome
from collector.core.views import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.contract.harness import Harness
    from collector.core.connectors import Part

RULES: dict[str, Callable[[Harness], None]] = {}


def rule(judge: Callable[[Harness], None]) -> Callable[[Harness], None]:
    """Make a function a rule of the contract."""
    RULES[judge.__name__] = judge
    return judge


@contextmanager
def at(harness: Harness) -> Iterator[SuiteRun]:
    """Start a fresh fixture, and give what runs over it."""
    with harness.fixture() as double:
        yield SuiteRun(harness, double)


def lists_of(harness: Harness) -> list[tuple[str, str]]:
    """Each declared call of a list, with its kind."""
    return [(call, kind) for kind, one in harness.connector.collections.items() for call in one.calls]


def parts_of(harness: Harness) -> list[tuple[str, Part[Any]]]:
    """Each declared call of a part, with the part."""
    return [(call, part) for parts in harness.connector.parts.values() for part in parts for call in part.calls]


def ends_of(harness: Harness, kind: str, plain: Outcome) -> set[Outcome]:
    """How a list may end when one of its calls goes wrong: in the middle only where it is made of several."""
    return {plain} if len(harness.connector.collections[kind].calls) == 1 else {plain, Outcome.PARTIAL}


@rule
def shows_everything(harness: Harness) -> None:
    """A fixture without a resource of a kind proves nothing of its collection: all are there, complete and read."""
    with at(harness) as trial:
        trial.run()

    for kind in harness.connector.collections:
        assert trial.resources(kind), f"the fixture has no {kind}"
    assert {seen.outcome for seen in trial.seen} == {Outcome.COMPLETE}, [seen.reason() for seen in trial.seen]
    unread = {f"{seen.task}: {name}" for seen in trial.seen for name in seen.provenance.unread}
    assert not unread, f"parts that could not be read though nothing was refused: {unread}"


@rule
def is_metered(harness: Harness) -> None:
    """Every request that reaches the platform has passed the wire."""
    with at(harness) as trial:
        trial.run()
        answered = trial.double.count

    assert trial.requests == answered, f"the platform answered {answered} requests, the wire saw {trial.requests}"


@rule
def asks_what_it_declares(harness: Harness) -> None:
    """The permissions that `annexd permissions` prints come from the declarations alone."""
    with at(harness) as trial:
        trial.run()

    for seen in trial.seen:
        kind = seen.task.collection
        parts = harness.connector.parts.get(kind, [])
        declared = {harness.connector.identity_call, *harness.connector.collections[kind].calls}
        declared |= {call for part in parts for call in part.calls}
        asked = {call.operation for call in seen.provenance.calls}
        assert asked <= declared, f"{seen.task} asked {sorted(asked - declared)}, which it does not declare"


@rule
def names_its_needs(harness: Harness) -> None:
    """Who is refused must be told what to ask for."""
    declared = [(one.kind.name, one.call, one.calls, one.permissions) for one in harness.connector.collections.values()]
    declared += [(f"{one.kind.name}.{one.name}", one.call, one.calls, one.permissions) for _, one in parts_of(harness)]
    for name, call, calls, needs in declared:
        named = len(needs) > 0 and all(needs)
        assert named or {*calls} <= harness.free, f"{name} does not say what {call} needs"


@rule
def reports_a_refused_list(harness: Harness) -> None:
    """A refusal is neither an empty list nor a failure of ours."""
    for call, kind in lists_of(harness):
        with at(harness) as trial:
            trial.double.deny(call)
            trial.run(kind)
        needs = ", ".join(harness.connector.collections[kind].permissions)
        ends = {(seen.outcome, seen.permissions) for seen in trial.of(kind)}
        allowed = {(end, needs) for end in ends_of(harness, kind, Outcome.DENIED)}
        assert ends <= allowed, f"{call} was refused and {kind} ended as {ends}"


@rule
def reports_a_failing_list(harness: Harness) -> None:
    """A platform that is down has not answered with an empty list."""
    for call, kind in lists_of(harness):
        with at(harness) as trial, sleeping():
            trial.double.fail(call)
            trial.run(kind)
        ends = {seen.outcome for seen in trial.of(kind)}
        assert ends <= ends_of(harness, kind, Outcome.FAILED), f"{call} failed and {kind} ended as {ends}"


@rule
def gives_up_in_time(harness: Harness) -> None:
    """A platform that is down is not hammered."""
    for call, kind in lists_of(harness):
        with at(harness) as trial, sleeping():
            trial.double.fail(call)
            trial.run(kind)
            asked, tasks = trial.double.served(call), len(trial.of(kind))
        most = harness.attempts * tasks
        assert asked <= most, f"{call} failed and was sent {asked} times by {tasks} tasks; {most} are allowed"


@rule
def reports_a_refused_part(harness: Harness) -> None:
    """A part that may not be read is not one that is not there."""
    for call, part in parts_of(harness):
        with at(harness) as trial:
            trial.double.deny(call)
            trial.run(part.kind.name)
        name = f"{part.kind.name}.{part.name}"
        unread = [stored.unread.get(part.name) for stored in trial.resources(part.kind.name)]
        said = {(each.call, each.permissions, each.denied) for each in unread if each is not None}
        assert said == {(part.call, ", ".join(part.permissions), True)}, f"{call} was refused and {name} says {said}"
        # A part of several calls may not have needed this one for every resource.
        assert len(part.calls) > 1 or None not in unread, f"{call} was refused and {name} counts as read"


@rule
def reports_a_failing_part(harness: Harness) -> None:
    """A part that could not be read now is not one that is not there."""
    for call, part in parts_of(harness):
        with at(harness) as trial, sleeping():
            trial.double.fail(call)
            trial.run(part.kind.name)
        name = f"{part.kind.name}.{part.name}"
        unread = [part.name in stored.unread for stored in trial.resources(part.kind.name)]
        assert any(unread), f"{call} failed and {name} counts as read"
        assert len(part.calls) > 1 or all(unread), f"{call} failed and {name} counts as read for some"


@rule
def keeps_half_a_list_as_half(harness: Harness) -> None:
    """The first page is evidence; that there is no more is not."""
    for call, kind in lists_of(harness):
        if call in harness.paged:
            with at(harness) as trial, sleeping():
                trial.double.cut(call)
                trial.run(kind)
            cut = [seen for seen in trial.of(kind) if seen.outcome is Outcome.PARTIAL and seen.listed]
            assert cut, f"the second page of {call} failed and {kind} says {[seen.outcome for seen in trial.of(kind)]}"


@rule
def does_not_go_round_in_circles(harness: Harness) -> None:
    """Pages that lead back are no list, and never a complete one."""
    for call, kind in lists_of(harness):
        if call in harness.paged:
            for how in ("circle", "repeat"):
                with at(harness) as trial:
                    getattr(trial.double, how)(call)
                    trial.run(kind)
                ends = {seen.outcome for seen in trial.of(kind)}
                assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"{how} pages of {call}: {kind} ended as {ends}"


@rule
def does_not_believe_in_the_last_of_endless_pages(harness: Harness) -> None:
    """A list that somebody stopped reading is not complete."""
    for call, kind in lists_of(harness):
        if call in harness.paged:
            with at(harness) as trial:
                trial.double.endless(call)
                trial.run(kind, deadline=DEADLINE)
            ends = {seen.outcome for seen in trial.of(kind)}
            assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"endless pages of {call}: {kind} ended as {ends}"


@rule
def reads_a_long_list_to_its_end(harness: Harness) -> None:
    """Requests for different pages look different on the wire, or a long list passes for a circle."""
    with at(harness) as trial:
        trial.double.stretch()
        trial.run()

    for kind in {kind for call, kind in lists_of(harness) if call in harness.paged}:
        bad = [seen.reason() for seen in trial.of(kind) if seen.outcome is not Outcome.COMPLETE]
        assert not bad, f"{kind} in many pages: {bad}"
        assert max(seen.provenance.pages for seen in trial.of(kind)) > 10, f"the harness has no long list of {kind}"


@rule
def lists_each_resource_once(harness: Harness) -> None:
    """Two resources of one key would be one, and the other lost."""
    with at(harness) as trial:
        trial.run()

    for seen in trial.seen:
        assert not seen.provenance.repeated, f"{seen.task}: {seen.provenance.repeated} keys came twice"


@rule
def keeps_no_secret(harness: Harness) -> None:
    """What is declared as secret is hit, and nothing planted is found in what is kept."""
    with at(harness) as trial:
        trial.run()

    stored = [one for kind in harness.connector.collections for one in trial.resources(kind)]
    kept = b"".join((one.blob or b"") + (one.facts or b"") for one in stored) + repr([trial.seen, stored]).encode()
    found = [name for name, text in harness.canaries.items() if text.encode() in kept]
    assert not found, f"planted and found again: {found}"
    for kind, collection in harness.connector.collections.items():
        hit = {path for seen in trial.of(kind) for path in seen.provenance.redacted}
        for declared in collection.kind.redact:
            assert declared.path in hit, f"the fixture has nothing at {declared.path} of {kind}, so it proves nothing"


@rule
def reads_no_number_that_is_taken_out(harness: Harness) -> None:
    """A redacted field is text; a view that expects a number there could never be decoded."""
    for kind, collection in harness.connector.collections.items():
        for declared in collection.kind.redact:
            numbers = types_at(collection.kind.view, declared.path) & {int, float}
            assert not numbers, f"the view of {kind} reads {declared.path} as {numbers}, and it is redacted"


@rule
def can_be_read_through_its_views(harness: Harness) -> None:
    """A view that does not fit its own platform makes everything unknown."""
    with at(harness) as trial:
        trial.run()

    for kind, collection in harness.connector.collections.items():
        for stored in trial.resources(kind):
            assert stored.blob is not None
            unread = {name: str(part) for name, part in stored.unread.items()}
            decode(collection.kind.view, stored.blob, stored.facts, unread)


@rule
def does_not_change_by_itself(harness: Harness) -> None:
    """What moves without anybody's doing is declared volatile, or history is full of nothing."""
    with at(harness) as trial:
        trial.run()
        trial.run()

    for task, finished in trial.finished.items():
        assert finished.changed + finished.appeared == 0, f"{task} changed while nobody touched it"


@rule
def knows_what_is_volatile(harness: Harness) -> None:
    """A volatile name that never occurs is a spelling mistake, and the field that was meant makes versions."""
    with at(harness) as trial:
        trial.run()

    for kind, collection in harness.connector.collections.items():
        facts = [msgspec.json.decode(stored.facts) for stored in trial.resources(kind) if stored.facts is not None]
        for name in collection.kind.volatile:
            assert any(name in each for each in facts), f"no {kind} of the fixture has a {name}"


@rule
def does_not_block_the_loop(harness: Harness) -> None:
    """One loop drives all async collections: who waits on it stops them all."""
    with at(harness) as trial, blocking_on_the_loop() as caught:
        trial.run()

    assert not caught, f"blocking calls on the loop's thread: {sorted(set(caught))}"


@rule
def does_not_sleep(harness: Harness) -> None:
    """Only the wire knows how long to wait, and only the wire ends a wait when the run is stopped."""
    with at(harness) as trial, sleeping() as naps:
        trial.run()

    assert not naps, f"time.sleep was called {len(naps)} times though nothing was refused"
