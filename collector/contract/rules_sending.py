"""Rules on how a connector sends and receives: size, waiting, other hosts, silence, and very long lists."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlsplit

from collector.contract.blocking_calls import sleeping
from collector.contract.harness import Throttle
from collector.contract.kept_runs import undisturbed
from collector.contract.rounds import Plays, excuse, lists_answered, parts_answered
from collector.contract.rules import rule
from collector.contract.rules_answers import require_not_read, require_unread
from collector.contract.suite_run import AMPLE, SuiteRun
from collector.contract.wrong_answers import ELSEWHERE, linked_elsewhere, redirected
from collector.core.tasks import Outcome
from collector.engine.wire import MeteredWire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Harness
    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.core.wire import Answer, Call

_SENSELESS = "9" * 40
"""A Retry-After for longer than there has been time."""

_PATIENCE = timedelta(minutes=5)
"""The longest that a client may wait for an answer that does not come."""


@rule
def waits_when_it_is_asked_to(harness: Harness) -> None:
    """An answer that says there were too many requests is told to the wire as that, with the time, and asked again."""
    for number, (how, throttle) in enumerate((harness.throttles or {"429": Throttle(_too_many)}).items()):
        for word, header, seconds in _waits(throttle, every_form=number == 0):
            with harness.fixture() as double, sleeping(), _told() as told:
                trial = SuiteRun(harness, double)
                plays = Plays(trial)
                calls = [call for call in _every_call(harness) if excuse(harness, "throttled", call) is None]
                for call in calls:
                    plays.play(call, _once(throttle.make, header))
                # Every call of a quota waits for every other one that was too many, which no task's time is made for.
                trial.run(deadline=AMPLE)
            if header == _SENSELESS:
                # Whoever waits for as long as it is allowed may come too late; it is the number that must be survived.
                trial.seen = [seen for seen in trial.seen if "unexpected" in seen.why]
            ends = {seen.reason() for seen in trial.seen if seen.outcome is not Outcome.COMPLETE}
            assert not ends, f"too many requests ({how}, {word}), once for each call: {ends}"
            unread = {f"{seen.task}: {name}" for seen in trial.seen for name in seen.provenance.unread}
            assert not unread, f"too many requests ({how}, {word}), once for each call, and unread: {unread}"
            heard = {operation for operation, _ in told}  # a call beside the wire breaks another rule
            for call in (call for call in calls if plays.changed[call] and call in heard):
                answers = [answer for operation, answer in told if operation == call and answer.throttled]
                assert answers, f"{call} was answered with too many requests ({how}, {word}), and the wire not told"
                if seconds is not None:
                    waits = {answer.retry_after for answer in answers}
                    fits = [
                        wait for wait in waits if wait is not None and seconds[0] <= wait.total_seconds() <= seconds[1]
                    ]
                    assert fits, (
                        f"{call} is to be asked again in {seconds} seconds ({how}, {word}); the wire got {waits}"
                    )


@rule
def asks_nobody_elsewhere(harness: Harness) -> None:
    """No redirect and no link leads a request, and the credential with it, to another host."""
    for status in (301, 307):
        how = f"redirect {status}"
        with _looked_up() as asked:
            for listed in lists_answered(harness, "redirect", _watched(redirected(status), asked)):
                require_not_read(listed, how)
            for filled in parts_answered(harness, "redirect", _watched(redirected(status), asked)):
                require_unread(filled, how)
        assert not asked, f"a redirect with status {status} was followed to another host: {sorted(set(asked))[:3]}"
    if excuse(harness, "next link") is not None:
        return
    changed = 0
    with _looked_up() as asked:
        for listed in lists_answered(harness, "next link", _watched(linked_elsewhere, asked), only_paged=True):
            changed += listed.changed
            right = {seen.task: seen.listed for seen in undisturbed(harness).trial.of(listed.kind)}
            cut = [
                seen.task
                for seen in listed.seen
                if seen.outcome is Outcome.COMPLETE and seen.listed != right[seen.task]
            ]
            assert not cut, f"the next page of {listed.call} is on another host and is left out of {cut}"
    assert not asked, f"a link to another host was followed: {sorted(set(asked))[:3]}"
    assert changed, (
        "no page of the double has a link to the next (a Link header, or a key with next in its name):"
        " give it one as the platform has it, or say in not_possible['next link'] that the platform has none"
    )


@rule
def gives_up_on_silence(harness: Harness) -> None:
    """A request that is never answered ends: the client does not wait for ever, and the list ends by its deadline."""
    endless: set[str] = set()

    def silent(request: RawRequest, _own: RawAnswer) -> RawAnswer:
        if request.timeout is None or request.timeout > _PATIENCE.total_seconds():
            endless.add(f"{request.method} {urlsplit(request.url).path}")
        raise TimeoutError

    for listed in lists_answered(harness, "silence", silent, deadline=timedelta(minutes=2)):
        ends = {seen.outcome for seen in listed.seen}
        assert ends, f"{listed.call} was not answered and {listed.kind} was not run to an end"
        assert ends <= {Outcome.FAILED, Outcome.PARTIAL}, f"{listed.call} was not answered: {listed.kind} is {ends}"
    # All parts of a run wait one after the other on the suite's clock, and none of them is to be cut by the deadline.
    for filled in parts_answered(harness, "silence", silent, deadline=timedelta(days=1)):
        require_unread(filled, "silence")
    assert not endless, f"requests that wait for longer than {_PATIENCE} for an answer: {sorted(endless)[:3]}"


def _every_call(harness: Harness) -> list[str]:
    connector = harness.connector
    calls = [call for collection in connector.collections.values() for call in collection.calls]
    calls += [call for parts in connector.parts.values() for part in parts for call in part.calls]
    return list(dict.fromkeys(calls))


def _too_many(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    return own.but(status=429, body=b'{"error": "too_many_requests", "message": "too many requests"}')


def _waits(throttle: Throttle, *, every_form: bool) -> Iterator[tuple[str, str | None, tuple[float, float] | None]]:
    """Yield forms of Retry-After: a word for it, the header, and between which seconds the wait then is."""
    yield "whole seconds", "7", (7, 8)
    yield "no time", None, None if throttle.seconds is None else (throttle.seconds, throttle.seconds + 2)
    if every_form:
        yield "a decimal", "1.5", (1.5, 2)
        yield "a date", "", (4, 10)
        yield "a word", "later", None
        yield "a number without sense", _SENSELESS, None


def _once(make: Make, retry_after: str | None) -> Make:
    """Return what asks for fewer requests at the first of them, and leaves the others as they are."""
    lock, asked = threading.Lock(), False

    def answer(request: RawRequest, own: RawAnswer) -> RawAnswer:
        nonlocal asked
        with lock:
            first, asked = not asked, True
        if not first:
            return own
        made = make(request, own)
        if retry_after is None:
            return made
        if retry_after:
            return made.but(retry_after=retry_after)
        now = datetime.now(UTC)
        later = format_datetime(now + timedelta(seconds=7), usegmt=True)
        return made.but(date=format_datetime(now, usegmt=True), retry_after=later)

    return answer


@contextmanager
def _told() -> Iterator[list[tuple[str, Answer]]]:
    """Yield a list to which each answer is added that the wire is told, with its operation."""
    told: list[tuple[str, Answer]] = []
    real = MeteredWire.after

    def after(wire: MeteredWire, call: Call, answer: Answer) -> None:
        told.append((call.operation, answer))
        real(wire, call, answer)

    with patch.object(MeteredWire, "after", after):
        yield told


def _watched(make: Make, asked: list[str]) -> Make:
    """Return the same, which also adds each request that another host should get to `asked`."""

    def answer(request: RawRequest, own: RawAnswer) -> RawAnswer:
        if urlsplit(request.url).hostname == ELSEWHERE:
            asked.append(request.url)
            return own
        return make(request, own)

    return answer


@contextmanager
def _looked_up() -> Iterator[list[str]]:
    """Yield a list to which the other host is added each time that its address is looked up; it has none."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in {ELSEWHERE, ELSEWHERE.encode()}:
            asked.append(ELSEWHERE)
            raise socket.gaierror(socket.EAI_NONAME, "the other host has no address")
        return real(host, *args, **kwargs)

    with patch.object(socket, "getaddrinfo", look_up):
        yield asked
