"""The rules that every connector must pass. Each takes a Play, and raises AssertionError with what is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.tasks import Outcome
from collector.core.views import decode
from tests.contract.looking import DEADLINE, Look
from tests.contract.threads import blocking_on_the_loop, sleeping
from tests.contract.types_of import types_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.connectors import Part
    from tests.contract.play import Play

RULES: dict[str, Callable[[Play], None]] = {}


def rule(judge: Callable[[Play], None]) -> Callable[[Play], None]:
    """Make a function a rule of the contract."""
    RULES[judge.__name__] = judge
    return judge


@contextmanager
def at(play: Play) -> Iterator[Look]:
    """Open a fresh estate to look at."""
    with play.estate() as double:
        yield Look(play, double)


def lists_of(play: Play) -> list[tuple[str, str]]:
    """Each declared call of a list, with its kind."""
    return [(call, kind) for kind, one in play.connector.collections.items() for call in one.calls]


def parts_of(play: Play) -> list[tuple[str, Part[Any]]]:
    """Each declared call of a part, with the part."""
    return [(call, part) for parts in play.connector.parts.values() for part in parts for call in part.calls]


def ends_of(play: Play, kind: str, plain: Outcome) -> set[Outcome]:
    """How a list may end when one of its calls goes wrong: in the middle only where it is made of several."""
    return {plain} if len(play.connector.collections[kind].calls) == 1 else {plain, Outcome.PARTIAL}


@rule
def shows_everything(play: Play) -> None:
    """An estate without a resource of a kind proves nothing of its collection: all are there, complete and read."""
    with at(play) as one:
        one.look()

    for kind in play.connector.collections:
        assert one.resources(kind), f"the estate has no {kind}"
    assert {seen.outcome for seen in one.seen} == {Outcome.COMPLETE}, [seen.reason() for seen in one.seen]
    unread = {f"{seen.task}: {name}" for seen in one.seen for name in seen.provenance.unread}
    assert not unread, f"parts that could not be read in a calm estate: {unread}"


@rule
def is_metered(play: Play) -> None:
    """Every request that reaches the platform has passed the wire."""
    with at(play) as one:
        one.look()
        answered = one.double.count

    assert one.requests == answered, f"the platform answered {answered} requests, the wire saw {one.requests}"


@rule
def asks_what_it_declares(play: Play) -> None:
    """The permissions that `annexd permissions` prints come from the declarations alone."""
    with at(play) as one:
        one.look()

    for seen in one.seen:
        kind = seen.task.collection
        parts = play.connector.parts.get(kind, [])
        declared = {play.connector.identity_call, *play.connector.collections[kind].calls}
        declared |= {call for part in parts for call in part.calls}
        asked = {call.operation for call in seen.provenance.calls}
        assert asked <= declared, f"{seen.task} asked {sorted(asked - declared)}, which it does not declare"


@rule
def names_its_needs(play: Play) -> None:
    """Who is refused must be told what to ask for."""
    declared = [(one.kind.name, one.call, one.calls, one.permissions) for one in play.connector.collections.values()]
    declared += [(f"{one.kind.name}.{one.name}", one.call, one.calls, one.permissions) for _, one in parts_of(play)]
    for name, call, calls, needs in declared:
        named = len(needs) > 0 and all(needs)
        assert named or {*calls} <= play.free, f"{name} does not say what {call} needs"


@rule
def reports_a_refused_list(play: Play) -> None:
    """A refusal is neither an empty list nor a failure of ours."""
    for call, kind in lists_of(play):
        with at(play) as one:
            one.double.deny(call)
            one.look(kind)
        needs = ", ".join(play.connector.collections[kind].permissions)
        ends = {(seen.outcome, seen.permissions) for seen in one.of(kind)}
        allowed = {(end, needs) for end in ends_of(play, kind, Outcome.DENIED)}
        assert ends <= allowed, f"{call} was refused and {kind} ended as {ends}"


@rule
def reports_a_failing_list(play: Play) -> None:
    """A platform that is down has not answered with an empty list."""
    for call, kind in lists_of(play):
        with at(play) as one, sleeping():
            one.double.fail(call)
            one.look(kind)
        ends = {seen.outcome for seen in one.of(kind)}
        assert ends <= ends_of(play, kind, Outcome.FAILED), f"{call} failed and {kind} ended as {ends}"


@rule
def gives_up_in_time(play: Play) -> None:
    """A platform that is down is not hammered."""
    for call, kind in lists_of(play):
        with at(play) as one, sleeping():
            one.double.fail(call)
            one.look(kind)
            asked, tasks = one.double.served(call), len(one.of(kind))
        most = play.attempts * tasks
        assert asked <= most, f"{call} failed and was sent {asked} times by {tasks} tasks; {most} are allowed"


@rule
def reports_a_refused_part(play: Play) -> None:
    """A part that may not be read is not one that is not there."""
    for call, part in parts_of(play):
        with at(play) as one:
            one.double.deny(call)
            one.look(part.kind.name)
        name = f"{part.kind.name}.{part.name}"
        unread = [stored.unread.get(part.name) for stored in one.resources(part.kind.name)]
        said = {(each.call, each.permissions, each.denied) for each in unread if each is not None}
        assert said == {(part.call, ", ".join(part.permissions), True)}, f"{call} was refused and {name} says {said}"
        # A part of several calls may not have needed this one for every resource.
        assert len(part.calls) > 1 or None not in unread, f"{call} was refused and {name} counts as read"


@rule
def reports_a_failing_part(play: Play) -> None:
    """A part that could not be read now is not one that is not there."""
    for call, part in parts_of(play):
        with at(play) as one, sleeping():
            one.double.fail(call)
            one.look(part.kind.name)
        name = f"{part.kind.name}.{part.name}"
        unread = [part.name in stored.unread for stored in one.resources(part.kind.name)]
        assert any(unread), f"{call} failed and {name} counts as read"
        assert len(part.calls) > 1 or all(unread), f"{call} failed and {name} counts as read for some"


@rule
def keeps_half_a_list_as_half(play: Play) -> None:
    """The first page is evidence; that there is no more is not."""
    for call, kind in lists_of(play):
        if call in play.paged:
            with at(play) as one, sleeping():
                one.double.cut(call)
                one.look(kind)
            cut = [seen for seen in one.of(kind) if seen.outcome is Outcome.PARTIAL and seen.listed]
            assert cut, f"the second page of {call} failed and {kind} says {[seen.outcome for seen in one.of(kind)]}"


@rule
def does_not_go_round_in_circles(play: Play) -> None:
    """Pages that lead back are no list, and never a complete one."""
    for call, kind in lists_of(play):
        if call in play.paged:
            for how in ("circle", "repeat"):
                with at(play) as one:
                    getattr(one.double, how)(call)
                    one.look(kind)
                ends = {seen.outcome for seen in one.of(kind)}
                assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"{how} pages of {call}: {kind} ended as {ends}"


@rule
def does_not_believe_in_the_last_of_endless_pages(play: Play) -> None:
    """A list that somebody stopped reading is not complete."""
    for call, kind in lists_of(play):
        if call in play.paged:
            with at(play) as one:
                one.double.endless(call)
                one.look(kind, deadline=DEADLINE)
            ends = {seen.outcome for seen in one.of(kind)}
            assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"endless pages of {call}: {kind} ended as {ends}"


@rule
def reads_a_long_list_to_its_end(play: Play) -> None:
    """Requests for different pages look different on the wire, or a long list passes for a circle."""
    with at(play) as one:
        one.double.stretch()
        one.look()

    for kind in {kind for call, kind in lists_of(play) if call in play.paged}:
        bad = [seen.reason() for seen in one.of(kind) if seen.outcome is not Outcome.COMPLETE]
        assert not bad, f"{kind} in many pages: {bad}"
        assert max(seen.provenance.pages for seen in one.of(kind)) > 10, f"the play has no long list of {kind}"


@rule
def lists_each_resource_once(play: Play) -> None:
    """Two resources of one key would be one, and the other lost."""
    with at(play) as one:
        one.look()

    for seen in one.seen:
        assert not seen.provenance.repeated, f"{seen.task}: {seen.provenance.repeated} keys came twice"


@rule
def keeps_no_secret(play: Play) -> None:
    """What is declared as secret is hit, and nothing planted is found in what is kept."""
    with at(play) as one:
        one.look()

    kept = b"".join(item.body + (item.facts or b"") for item in one.store.items) + repr(one.seen).encode()
    found = [name for name, text in play.canaries.items() if text.encode() in kept]
    assert not found, f"planted and found again: {found}"
    for kind, collection in play.connector.collections.items():
        hit = {path for seen in one.of(kind) for path in seen.provenance.redacted}
        for declared in collection.kind.redact:
            assert declared.path in hit, f"the estate has nothing at {declared.path} of {kind}, so it proves nothing"


@rule
def reads_no_number_that_is_taken_out(play: Play) -> None:
    """A redacted field is text; a view that expects a number there could never be decoded."""
    for kind, collection in play.connector.collections.items():
        for declared in collection.kind.redact:
            numbers = types_at(collection.kind.view, declared.path) & {int, float}
            assert not numbers, f"the view of {kind} reads {declared.path} as {numbers}, and it is redacted"


@rule
def can_be_read_through_its_views(play: Play) -> None:
    """A view that does not fit its own platform makes everything unknown."""
    with at(play) as one:
        one.look()

    for kind, collection in play.connector.collections.items():
        for stored in one.resources(kind):
            assert stored.blob is not None
            unread = {name: str(part) for name, part in stored.unread.items()}
            decode(collection.kind.view, stored.blob, stored.facts, unread)


@rule
def does_not_change_by_itself(play: Play) -> None:
    """What moves without anybody's doing is declared volatile, or history is full of nothing."""
    with at(play) as one:
        one.look()
        one.look()

    for task, finished in one.finished.items():
        assert finished.changed + finished.appeared == 0, f"{task} changed while nobody touched it"


@rule
def knows_what_is_volatile(play: Play) -> None:
    """A volatile name that never occurs is a spelling mistake, and the field that was meant makes versions."""
    with at(play) as one:
        one.look()

    for kind, collection in play.connector.collections.items():
        facts = [msgspec.json.decode(stored.facts) for stored in one.resources(kind) if stored.facts is not None]
        for name in collection.kind.volatile:
            assert any(name in each for each in facts), f"no {kind} of the estate has a {name}"


@rule
def does_not_block_the_loop(play: Play) -> None:
    """One loop drives all async collections: who waits on it stops them all."""
    with at(play) as one, blocking_on_the_loop() as caught:
        one.look()

    assert not caught, f"blocking calls on the loop's thread: {sorted(set(caught))}"


@rule
def does_not_sleep(play: Play) -> None:
    """Only the wire knows how long to wait, and only the wire ends a wait when the run is stopped."""
    with at(play) as one, sleeping() as naps:
        one.look()

    assert not naps, f"time.sleep was called {len(naps)} times in a calm estate"
