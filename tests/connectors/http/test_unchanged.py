"""Conditional requests: a 304 gives back what was kept, and a refusal may come with a status of success."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from collector.core.errors import ConnectorError, RateLimited, Unexpected
from collector.core.wire import Call, Exchange
from connectors._http import Errors, Reply, Usage
from connectors._http.connections import Lease
from connectors._http.origins import origin_of
from connectors._http.sending import Outgoing, Retries, Sender
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.server import Server, answer, in_turn, serving

CALL = Call("GET /thing")
UNCHANGED = answer(b"", 304, content_type="", content_length="", etag='"1"', date="Mon, 02 Mar 2026 06:00:00 GMT")
KEPT = Reply(200, {"content-type": "application/json", "etag": '"1"'}, b'{"kept": true}')


@dataclass
class _Tapped(CountingWire):
    heard: list[Exchange] = field(default_factory=list)

    def tap(self, exchange: Exchange) -> None:
        """Keep it."""
        self.heard.append(exchange)


@pytest.fixture
def wire() -> _Tapped:
    """A wire that keeps whole answers."""
    return _Tapped()


@pytest.fixture
def server() -> Iterator[Server]:
    """Says that nothing has changed, and then that it wants no more."""
    with serving(in_turn(UNCHANGED, answer({"errors": ["too many"]}))) as running:
        yield running


def _send(server: Server, wire: CountingWire, kept: Reply | None, **settings: Any) -> Reply:
    url = httpx.URL(f"{server.url}/thing")
    lease = Lease(origin_of(url))
    try:
        return Sender(wire, lease, **({"errors": Errors()} | settings)).send(CALL, Outgoing("GET", url, kept=kept))
    finally:
        lease.close()


def _free_if_unchanged(reply: Reply) -> Usage:
    return Usage(free=reply.status == 304)


def test_what_is_unchanged_is_what_was_kept(server: Server, wire: _Tapped) -> None:
    """The headers of both count: the new ones say the time and the quota, the kept ones what the body is."""
    reply = _send(server, wire, KEPT, quota=_free_if_unchanged)

    assert (reply.status, reply.body, reply.is_json) == (200, b'{"kept": true}', True)
    assert reply.date is not None
    assert [(said.status, said.free, said.size) for _, said in wire.received] == [(304, True, 0)]
    assert [(heard.status, heard.body) for heard in wire.heard] == [(200, b'{"kept": true}')]


@pytest.mark.parametrize(
    ("data", "tells"),
    [
        (answer(date="Mon, 02 Mar 2026 06:00:00 GMT"), True),
        (answer(date="Mon, 02 Mar 2026 06:00:00 GMT", age="0"), False),
        (answer(date="yesterday"), False),
        (answer(), False),
        (answer(status=403, date="Mon, 02 Mar 2026 06:00:00 GMT"), True),
        (answer(status=502, date="Mon, 02 Mar 2026 06:00:00 GMT"), False),
        (UNCHANGED, False),
    ],
    ids=["new", "aged", "no date", "none", "refused", "gateway", "unchanged"],
)
def test_which_answers_tell_the_time(wire: _Tapped, data: bytes, tells: bool) -> None:
    """A machine's clock is held against the platform's of now, not that of a cache or of a gateway."""
    with serving(in_turn(data)) as running, suppress(ConnectorError):
        _send(running, wire, KEPT, retries=Retries(attempts=1))

    assert [said.tells_time for _, said in wire.received] == [tells]


def test_what_is_unchanged_costs_unless_the_platform_says_otherwise(server: Server, wire: _Tapped) -> None:
    """Some count a conditional request as any other."""
    _send(server, wire, KEPT)

    assert [said.free for _, said in wire.received] == [False]


def test_what_nobody_kept_cannot_be_unchanged(server: Server, wire: _Tapped) -> None:
    """An answer without a body would be read as one that says nothing."""
    with pytest.raises(Unexpected):
        _send(server, wire, None)


def test_a_refusal_may_come_with_success(wire: _Tapped) -> None:
    """GraphQL answers 200 and refuses in the body."""

    def refused(reply: Reply) -> RateLimited | None:
        return RateLimited("too many") if b"too many" in reply.body else None

    with serving(in_turn(answer({"errors": ["too many"]}), answer({"data": 1}))) as server:
        reply = _send(server, wire, None, errors=Errors(refused=refused))

    assert reply.body == b'{"data": 1}'
    assert [said.throttled for _, said in wire.received] == [True, False]
