"""A platform that keeps a thread waiting: the task's time, Ctrl-C and the timeouts end it, in mid-answer too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from collector.core.errors import DeadlinePassed, Stopped, Unavailable
from collector.core.wire import Wire
from collector.engine.clock import SystemClock
from collector.engine.gate import Budget, Gate
from collector.engine.wire import MeteredWire, Recorder, working_for
from connectors._http import Retries, Token, Tokens
from connectors._http.watching import _bounded, watched_by
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import Asked, Server, Write, serving
from tests.played.gates import OneGate

CALL = "GET /slow"
ONCE = Retries(attempts=1)


def drip(server: Callable[[], Server], pieces: bytes) -> Callable[[Asked, Write], None]:
    """Return a script that sends the pieces byte by byte, over and over, until the server is to end."""

    def script(_asked: Asked, write: Write) -> None:
        while not server().gone.wait(0.02):
            write(pieces[:1])

    return script


@contextmanager
def metered(seconds: float, stop: threading.Event | None = None) -> Iterator[tuple[MeteredWire, Recorder]]:
    """Work for a task with so much time, on the engine's own wire."""
    clock = SystemClock()
    recorder = Recorder(clock, stop or threading.Event(), timedelta(seconds=seconds))
    with working_for(recorder, listing=True):
        yield MeteredWire(OneGate(Gate(Budget(4), clock)), 1 << 20), recorder


def test_a_server_that_never_answers_ends_with_the_timeout(client: Client, wire: CountingWire) -> None:
    """Each attempt is on the wire, and the last one's error says what happened."""
    with serving(None) as server, pytest.raises(Unavailable, match="ReadTimeout"):
        client(server.url, read_seconds=0.2, retries=Retries(attempts=2, first_wait=3.0)).get(CALL)

    assert [answer.status for _, answer in wire.received] == [None, None]
    assert wire.pauses == [3.0]


def test_a_server_that_never_answers_ends_with_the_task(client: Client) -> None:
    """The timeout of a read is longer than what is left of the task."""
    with serving(None) as server, metered(0.5) as (wire, recorder):
        began = time.monotonic()
        with pytest.raises(DeadlinePassed):
            client(server.url, wire, read_seconds=20).get(CALL)
        took = time.monotonic() - began

    assert 0.5 <= took < 2.5
    assert isinstance(recorder.refused, DeadlinePassed)
    assert recorder.open_calls == []


def test_a_stopped_run_does_not_wait_for_an_answer(client: Client) -> None:
    """Ctrl-C ends within a second, however long a read may take."""
    stop = threading.Event()
    with serving(None) as server, metered(60, stop) as (wire, recorder):
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            client(server.url, wire, read_seconds=20).get(CALL)
        took = time.monotonic() - began

    assert took < 2.5
    assert recorder.open_calls == []


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n",
    ],
    ids=["nothing", "in the headers", "in the body"],
)
def test_a_byte_now_and_then_is_no_reason_to_go_on(client: Client, head: bytes) -> None:
    """Timeouts from one piece to the next would wait for ever; in the headers, all of it is inside one call."""
    servers: list[Server] = []

    def script(asked: Asked, write: Write) -> None:
        write(head)
        drip(lambda: servers[0], b"1")(asked, write)

    with serving(script) as server, metered(0.6) as (wire, _):
        servers.append(server)
        began = time.monotonic()
        with pytest.raises((DeadlinePassed, Unavailable)) as raised:
            client(server.url, wire, read_seconds=20, retries=ONCE).get(CALL)
        took = time.monotonic() - began

    # Bytes that are no HTTP at all end at once.
    assert isinstance(raised.value, DeadlinePassed) or not head
    assert took < 3


def test_the_thread_that_waits_for_a_token_ends_with_its_own_task(client: Client) -> None:
    """Another task's thread holds the lock while it asks."""
    holds, release = threading.Event(), threading.Event()

    def slow(_wire: Wire, _claims: str | None) -> Token:
        holds.set()
        release.wait(10)
        return Token("value", 3600)

    tokens = Tokens(slow)
    holder = threading.Thread(target=lambda: tokens.headers(CountingWire()))
    holder.start()
    holds.wait(5)
    began = time.monotonic()
    try:
        with metered(0.3) as (wire, _), pytest.raises(DeadlinePassed):
            client("https://api.example.com", wire, token=tokens).get(CALL)
        took = time.monotonic() - began
    finally:
        release.set()
        holder.join(5)

    assert took < 3


def test_a_connection_is_not_waited_for_longer_than_the_task_may_run() -> None:
    """It is opened in one wait, of which nobody can look at the wire."""
    wire = CountingWire(seconds_left=2.5)

    assert _bounded(10) == 10
    with watched_by(wire):
        assert (_bounded(10), _bounded(1), _bounded(None)) == (2.5, 1, None)
