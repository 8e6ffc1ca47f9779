"""Attempts: how many there are, what may be sent twice, and how long the platform wants to be left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.errors import Denied, NotSignedIn, RateLimited, Stopped, Unavailable, Unexpected
from connectors._http import Errors, QuotaHeaders, Reply, Retries, Usage
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import answer, in_turn, serving

CALL = "GET /thing"
DATE = "Mon, 02 Mar 2026 06:00:00 GMT"
OK = answer({"ok": True})


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_again(client: Client, wire: CountingWire, status: int) -> None:
    """Each attempt is a request of its own for the wire."""
    with serving(in_turn(answer({}, status), answer({}, status), OK)) as server:
        assert client(server.url).get(CALL) == {"ok": True}

    assert [received.status for _, received in wire.received] == [status, status, 200]
    assert wire.operations == [CALL] * 3
    assert wire.pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Unexpected), (401, NotSignedIn), (403, Denied), (404, Unexpected), (409, Unexpected), (500, Unavailable)],
)
def test_what_will_not_pass_is_not_tried_again(
    client: Client, wire: CountingWire, status: int, error: type[Exception]
) -> None:
    """An error of the server itself is left to the engine, which asks again later."""
    with serving(in_turn(answer({}, status), OK)) as server, pytest.raises(error):
        client(server.url).get(CALL)

    assert len(wire.received) == 1


def test_attempts_are_counted(client: Client, wire: CountingWire) -> None:
    """The last refusal is the error."""
    with serving(in_turn(answer({}, 503))) as server, pytest.raises(Unavailable) as raised:
        client(server.url, retries=Retries(attempts=3)).get(CALL)

    assert len(server.asked) == len(wire.received) == 3
    assert raised.value.code == "503"


def test_what_changes_something_is_sent_once(client: Client) -> None:
    """Nobody knows whether a request without an answer was carried out."""
    with serving(in_turn(answer({}, 503), OK)) as server:
        with pytest.raises(Unavailable):
            client(server.url).post("POST /search", body={"find": 1})
        assert client(server.url).post("POST /search", body={"find": 1}, reads_only=True) == {"ok": True}

    with serving(in_turn(answer({}, 503), OK)) as server:
        assert client(server.url).post("POST /search", body={"find": 1}, reads_only=True) == {"ok": True}
    assert server.asked[1].body == b'{"find":1}'


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "2.128"}, 2.128),
        ({"retry_after": "Mon, 02 Mar 2026 06:01:30 GMT", "date": DATE}, 90.0),
        ({"retry_after": "Mon, 02 Mar 2026 05:00:00 GMT", "date": DATE}, 0.0),
        ({"retry_after": "99999999999"}, 86400.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "٣"}, None),
        ({}, None),
    ],
)
def test_the_pause_that_is_asked_for(
    client: Client, wire: CountingWire, headers: dict[str, str], seconds: float | None
) -> None:
    """The wire holds every call of the quota for it; without one, this call waits a moment of its own."""
    with serving(in_turn(answer({}, 429, **headers), OK)) as server:
        client(server.url).get(CALL)

    _, first = wire.received[0]
    assert first.throttled
    assert first.retry_after == (timedelta(seconds=seconds) if seconds is not None else None)
    assert wire.pauses == ([] if seconds else [1.0])


def test_a_gateway_that_asks_for_a_pause_gets_it(client: Client, wire: CountingWire) -> None:
    """The wire holds nobody for a 502, so the call waits itself."""
    with serving(in_turn(answer({}, 502, retry_after="4"), OK)) as server:
        client(server.url).get(CALL)

    assert wire.pauses == [4.0]


def test_a_page_of_a_content_network_may_refuse_too(client: Client, wire: CountingWire) -> None:
    """A 429 is one, whoever says it and however."""
    page = answer(b"<html>slow down</html>", 429, content_type="text/html", retry_after="3")
    with serving(in_turn(page, OK)) as server:
        assert client(server.url).get(CALL) == {"ok": True}

    assert wire.received[0][1].throttled


def test_a_limit_by_the_platforms_own_word(client: Client, wire: CountingWire) -> None:
    """Google and GitHub limit with a 403."""
    errors = Errors("Acme", code=lambda body: body["error"]["reason"], by_code={"rateLimitExceeded": RateLimited})
    limit, denial = ({"error": {"reason": reason}} for reason in ("rateLimitExceeded", "forbidden"))
    with serving(in_turn(answer(limit, 403), answer(denial, 403))) as server, pytest.raises(Denied) as raised:
        client(server.url, errors=errors).get(CALL)

    assert [received.throttled for _, received in wire.received] == [True, False]
    assert raised.value.code == "forbidden"


@pytest.mark.parametrize(
    ("remaining", "retry_after"), [("0", timedelta(seconds=31)), ("3", None), ("none", timedelta(seconds=31))]
)
@pytest.mark.parametrize("prefix", ["x-rate-limit", "X-Rate-Limit"])
def test_the_headers_of_a_quota(
    client: Client, wire: CountingWire, prefix: str, remaining: str, retry_after: timedelta | None
) -> None:
    """Okta says by the epoch when its quota is full again, and sends no Retry-After."""
    headers = {"x_rate_limit_limit": "600", "x_rate_limit_reset": "1772431230", "date": DATE, "x_bucket": "users"}
    refused = answer({}, 429, x_rate_limit_remaining=remaining, **headers)
    quota = QuotaHeaders(prefix, bucket=f"{prefix[0]}-Bucket")
    with serving(in_turn(refused, OK)) as server:
        client(server.url, quota=quota).get(CALL)

    _, first = wire.received[0]
    assert (first.limit, first.resets_in, first.bucket) == (600, timedelta(seconds=30), "users")
    assert first.remaining == (int(remaining) if remaining.isdecimal() else None)
    assert first.retry_after == retry_after


@pytest.mark.parametrize("reset", ["soon", "", "-1", "1.5", "9" * 40])
def test_an_odd_header_of_a_quota_says_nothing(client: Client, wire: CountingWire, reset: str) -> None:
    """A quota is no reason to lose an answer."""
    with serving(in_turn(answer({"ok": True}, x_ratelimit_reset=reset, x_ratelimit_limit="1e9"))) as server:
        client(server.url, quota=QuotaHeaders()).get(CALL)

    assert (wire.received[0][1].resets_in, wire.received[0][1].limit) == (None, None)


def test_seconds_until_the_quota_is_full(client: Client, wire: CountingWire) -> None:
    """The other custom of the same header."""
    with serving(in_turn(answer({"ok": True}, ratelimit_reset="90", ratelimit_remaining="7"))) as server:
        client(server.url, quota=QuotaHeaders("ratelimit", reset_is="seconds")).get(CALL)

    assert wire.received[0][1].resets_in == timedelta(seconds=90)


def test_another_word_for_what_the_reset_holds_is_refused() -> None:
    """It would be taken for seconds, and every call held for a day."""
    with pytest.raises(ValueError, match="'Epoch'"):
        QuotaHeaders(reset_is="Epoch")  # type: ignore[arg-type]


def test_a_quota_of_another_kind(client: Client, wire: CountingWire) -> None:
    """Azure tells only what is left, and Graph what a call costs."""

    def quota(reply: Reply) -> Usage:
        return Usage(cost=int(reply.headers["x-cost"]), bucket="reads")

    with serving(in_turn(answer({"ok": True}, x_cost="5"))) as server:
        client(server.url, quota=quota).get(CALL)

    assert (wire.received[0][1].cost, wire.received[0][1].bucket) == (5, "reads")


def test_the_wire_is_asked_before_each_attempt(client: Client, wire: CountingWire) -> None:
    """A run that is stopped between two attempts sends no second one."""
    wire.refuse[2] = Stopped("the run was stopped")
    with serving(in_turn(answer({}, 503), OK)) as server:
        with pytest.raises(Stopped):
            client(server.url).get(CALL)

        assert len(server.asked) == 1
    assert len(wire.received) == 1


def test_what_the_wire_learns_of_an_answer(client: Client, wire: CountingWire) -> None:
    """Identity of the request, the platform's clock, the size that counts."""
    with serving(in_turn(answer({"ok": True}, x_request_id="r-1", date=DATE))) as server:
        client(server.url).get("GET /orgs/{org}/users", org="a/b", query={"per_page": 2, "all": True, "none": None})

    ((call, received),) = wire.received
    assert (call.operation, dict(call.params)) == (
        "GET /orgs/{org}/users",
        {"org": "a/b", "per_page": "2", "all": "true"},
    )
    assert (received.status, received.request_id, received.size) == (200, "r-1", len(b'{"ok": true}'))
    assert received.date is not None
    assert received.date.isoformat() == "2026-03-02T06:00:00+00:00"
    assert server.asked[0].target == "/orgs/a%2Fb/users?per_page=2&all=true"


@pytest.mark.parametrize(
    ("name", "value", "is_kept"),
    [
        ("page", "2", True),
        ("page_token", "abc", False),
        ("pageToken", "abc", False),
        ("sig", "abc", False),
        ("key", "abc", False),
        ("keyword", "abc", True),
        ("cursor", "c" * 128, True),
        ("cursor", "c" * 129, False),
    ],
)
def test_no_secret_is_recorded(client: Client, wire: CountingWire, name: str, value: Any, is_kept: bool) -> None:
    """Its digest is, so that two pages still differ."""
    with serving(in_turn(OK)) as server:
        client(server.url).get(CALL, query={name: value})

    recorded = wire.sent[0].params[name]
    assert (recorded == value) is is_kept
    assert is_kept or recorded.startswith("sha256:")
