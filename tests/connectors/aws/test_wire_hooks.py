"""Every HTTP attempt passes the wire once before and once after, whatever becomes of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from collector.core.errors import DeadlinePassed, Denied, Halted, Stopped, Unavailable, Unexpected
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.played import Played, Reply, assumed, json_error, json_reply, xml_error
from tests.connectors.aws.wires import CountingWire

ACCOUNTS = {"Accounts": [{"Id": "111122223333"}]}


@pytest.fixture(autouse=True)
def no_waiting_between_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK waits before it asks again; how long is not what these tests are about."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def client(played: Played, wire: CountingWire) -> Account:
    """The source's own client, asking the played server."""
    return connect(Settings(endpoint_url=played.url), (), wire)


def list_accounts(account: Account) -> list[object]:
    """A call of a JSON service."""
    return list(account.pages("organizations", "ListAccounts", "Accounts"))


@pytest.mark.parametrize(
    "trouble",
    [
        json_error("InternalFailure", 500),
        json_error("ThrottlingException", 400),
        Reply(503, b"", {}),
        Reply(None),
    ],
    ids=["server error", "throttled", "unavailable", "connection closed"],
)
def test_each_retry_is_counted(played: Played, wire: CountingWire, trouble: Reply) -> None:
    """A budget that the SDK's own retries pass by is none."""
    played.plays(trouble, trouble, json_reply(ACCOUNTS))

    assert list_accounts(client(played, wire)) == ACCOUNTS["Accounts"]
    assert len(played.asked) == len(wire.sent) == len(wire.received) == 3
    assert wire.operations == ["organizations:ListAccounts"] * 3


def test_an_answer_is_recorded_with_what_the_platform_said(played: Played, wire: CountingWire) -> None:
    """Request ids and AWS's own clock are what makes evidence traceable."""
    headers = {"x-amzn-RequestId": "r-42", "Date": "Mon, 23 Nov 2026 12:00:00 GMT", "Retry-After": "7"}
    played.plays(Reply(200, b'{"Accounts": []}', headers))

    list_accounts(client(played, wire))

    ((call, answer),) = wire.received
    assert (call.operation, answer.status, answer.request_id, answer.size) == (
        "organizations:ListAccounts",
        200,
        "r-42",
        16,
    )
    assert answer.date is not None
    assert answer.date.isoformat() == "2026-11-23T12:00:00+00:00"
    assert answer.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ("100000", 86_400), ("soon", None), ("-1", None)])
def test_a_time_to_wait_may_be_a_part_of_a_second(
    played: Played, wire: CountingWire, text: str, seconds: float | None
) -> None:
    """What is no number of seconds says nothing."""
    played.plays(Reply(200, b'{"Accounts": []}', {"Retry-After": text}))

    list_accounts(client(played, wire))

    ((_, answer),) = wire.received
    assert answer.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_throttled_answer_says_so(played: Played, wire: CountingWire) -> None:
    """AWS throttles with status 400 as well, which alone looks like a mistake of ours."""
    played.plays(json_error("ThrottlingException", 400), json_reply(ACCOUNTS))

    list_accounts(client(played, wire))

    assert [answer.throttled for _, answer in wire.received] == [True, False]


@pytest.mark.parametrize("halt", [Stopped(), DeadlinePassed("time is up")])
@pytest.mark.parametrize("number", [1, 2])
def test_a_stop_is_neither_retried_nor_swallowed(played: Played, wire: CountingWire, halt: Halted, number: int) -> None:
    """Ctrl-C ends a task at its next request, also between two retries."""
    played.plays(json_error("InternalFailure", 500))
    wire.refuse = {number: halt}

    with pytest.raises(type(halt)):
        list_accounts(client(played, wire))

    assert len(played.asked) == len(wire.received) == number - 1


def test_a_change_of_role_counts_for_the_scope_that_needs_it(played: Played, wire: CountingWire) -> None:
    """Signing in is a call too, and belongs in the record; the external id does not."""
    played.plays(assumed("ASIAEXAMPLE"), json_reply(ACCOUNTS))
    settings = Settings(role="arn:aws:iam::111122223333:role/annexd", endpoint_url=played.url)

    list_accounts(connect(settings, ("111122223333",), wire))

    assert wire.operations == ["sts:AssumeRole", "organizations:ListAccounts"]
    assert len(wire.received) == len(played.asked) == 2
    assert wire.sent[0].params == {"RoleArn": settings.role, "RoleSessionName": "annexd"}
    assert "ASIAEXAMPLE" in played.asked[1][2]["authorization"]


def test_a_redirect_of_s3_is_counted(played: Played, wire: CountingWire) -> None:
    """A bucket elsewhere costs a second request, which the SDK makes by itself."""
    moved = Reply(
        301,
        b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
        {"x-amz-bucket-region": "eu-west-1", "Content-Type": "application/xml"},
    )
    played.plays(moved, Reply(200, b"<VersioningConfiguration/>", {"Content-Type": "application/xml"}))

    client(played, wire).call("s3", "GetBucketVersioning", Bucket="acme-files")

    assert len(played.asked) == len(wire.sent) == len(wire.received) == 2


@pytest.mark.parametrize("announced", [True, False])
def test_an_answer_that_is_too_large_is_not_read_on(played: Played, wire: CountingWire, *, announced: bool) -> None:
    """One hostile or broken answer must not fill the memory."""
    wire.largest_answer = 1000
    body = b'{"Accounts": ["' + b"a" * 5000 + b'"]}'
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    played.plays(
        Reply(200, body) if announced else Reply(200, chunked, {"Transfer-Encoding": "chunked", "Content-Length": ""})
    )

    with pytest.raises(Unexpected, match="larger than 1000 bytes"):
        list_accounts(client(played, wire))

    assert len(wire.received) == len(wire.sent) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Unexpected), (404, Unexpected), (403, Unexpected), (502, Unavailable)]
)
@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>Sign in to the network", b"\n <html><body>oops</body></html>"])
def test_a_web_page_is_never_an_empty_list(
    played: Played, wire: CountingWire, status: int, kind: type[Exception], page: bytes
) -> None:
    """The SDK makes an empty object of a page that comes with status 200; a proxy must not clear an estate."""
    played.plays(Reply(status, page, {"Content-Type": "text/html"}))

    with pytest.raises(kind, match="web page"):
        list_accounts(client(played, wire))

    assert len(wire.received) == len(wire.sent) == len(played.asked)


@pytest.mark.parametrize("body", [b"", b"\n"])
@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("s3", "GetBucketVersioning", {"Bucket": "acme-files"}),
        ("s3", "GetBucketLogging", {"Bucket": "acme-files"}),
        ("s3", "GetObjectLockConfiguration", {"Bucket": "acme-files"}),
        ("cloudtrail", "GetEventSelectors", {"TrailName": "acme"}),
        ("ec2", "GetEbsEncryptionByDefault", {}),
    ],
)
def test_nothing_at_all_is_no_answer(
    played: Played, wire: CountingWire, service: str, operation: str, params: dict[str, str], body: bytes
) -> None:
    """The SDK makes an object without anything in it of it, and that would read as: never on."""
    played.plays(Reply(200, body))

    with pytest.raises(Unexpected, match="200 and nothing else"):
        client(played, wire).call(service, operation, **params)

    assert len(wire.received) == len(wire.sent) == 1


def test_an_answer_in_headers_alone_is_an_answer(played: Played, wire: CountingWire) -> None:
    """Some operations answer with their headers, and some with a root that has nothing in it."""
    played.plays(
        Reply(200, b"", {"x-amz-bucket-region": "eu-west-1"}),
        Reply(200, b"<VersioningConfiguration/>", {"Content-Type": "application/xml"}),
    )
    account = client(played, wire)

    assert account.call("s3", "HeadBucket", Bucket="acme-files")["BucketRegion"] == "eu-west-1"
    assert account.call("s3", "GetBucketVersioning", Bucket="acme-files") == {}


@pytest.mark.parametrize(("headers", "tells"), [({}, True), ({"Age": "0"}, False)], ids=["new", "aged"])
def test_an_answer_tells_the_time_unless_a_cache_gave_it(
    played: Played, wire: CountingWire, headers: dict[str, str], tells: bool
) -> None:
    """A cached answer has the date of when it was made."""
    played.plays(Reply(200, b"<VersioningConfiguration/>", {"Content-Type": "application/xml", **headers}))
    client(played, wire).call("s3", "GetBucketVersioning", Bucket="acme-files")

    assert [said.tells_time for _, said in wire.received] == [tells]


def test_a_long_page_token_is_recorded_by_its_digest(played: Played, wire: CountingWire) -> None:
    """Tokens differ at their ends; cut off, two pages would look like one asked for twice."""
    first, second = "x" * 300 + "1", "x" * 300 + "2"
    played.plays(
        json_reply({**ACCOUNTS, "NextToken": first}),
        json_reply({**ACCOUNTS, "NextToken": second}),
        json_reply(ACCOUNTS),
    )

    list_accounts(client(played, wire))

    tokens = [call.params.get("NextToken") for call in wire.sent]
    assert tokens[0] is None
    assert len(set(tokens)) == 3
    assert all(len(str(token)) < 100 for token in tokens)


def test_a_refused_role_names_itself_and_is_asked_for_once(played: Played, wire: CountingWire) -> None:
    """Ten tasks that ask again would fill the other account's log with refusals."""
    played.plays(xml_error("AccessDenied", 403, "not authorized to perform sts:AssumeRole"))
    role = "arn:aws:iam::222233334444:role/annexd"
    account = connect(Settings(role=role, endpoint_url=played.url), ("222233334444",), wire)

    refusals = []
    for _ in range(3):
        with pytest.raises(Denied, match=f"{role} cannot be assumed") as refused:
            list_accounts(account)
        refusals.append(refused.value)

    assert "sts:AssumeRole" in refused.value.what
    assert {refusal.code for refusal in refusals} == {"AccessDenied"}
    assert len({id(refusal) for refusal in refusals}) == 3  # threads share the text, not the error and its trail
    assert len(played.asked) == 1


def test_no_connection_at_all_is_unavailable_and_counted(wire: CountingWire) -> None:
    """A platform that cannot be reached has not said anything about its resources."""
    account = connect(Settings(endpoint_url="http://127.0.0.1:9"), (), wire)

    with pytest.raises(Exception, match="Could not connect") as error:
        list_accounts(account)

    assert isinstance(error.value, Exception)
    assert isinstance(explain(error.value), Unavailable)
    assert len(wire.sent) == len(wire.received) > 1
    assert {answer.status for _, answer in wire.received} == {None}
