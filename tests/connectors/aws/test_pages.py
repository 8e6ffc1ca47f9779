"""A list is either read to its end or said to be cut off."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.errors import Denied, Unexpected
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.played import Played, Reply, json_error, json_reply
from tests.connectors.aws.wires import CountingWire


def a_page(account: str, token: str | None = None) -> Reply:
    """One page of accounts."""
    return json_reply({"Accounts": [{"Id": account}], **({} if token is None else {"NextToken": token})})


def devices(more: bool, marker: str = "") -> Reply:
    """One page of IAM, which says apart whether there is more."""
    text = (
        "<ListVirtualMFADevicesResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><ListVirtualMFADevicesResult>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{marker}<VirtualMFADevices/>"
        "</ListVirtualMFADevicesResult></ListVirtualMFADevicesResponse>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/xml"})


@pytest.fixture
def source(played: Played, wire: CountingWire) -> Account:
    """The source's client, asking the played server."""
    return connect(Settings(endpoint_url=played.url), (), wire)


def ids(source: Account, into: list[str]) -> None:
    """List accounts into a list that is left when the listing fails."""
    into.extend(account["Id"] for account in source.pages("organizations", "ListAccounts", "Accounts"))


def test_every_page_is_read(played: Played, source: Account) -> None:
    """A first page alone looks like a small company."""
    played.plays(a_page("1", "t1"), a_page("2", "t2"), a_page("3"))
    listed: list[str] = []

    ids(source, listed)

    assert listed == ["1", "2", "3"]


def test_an_empty_page_in_between_is_not_the_end(played: Played, source: Account) -> None:
    """AWS documents that a page may be empty and others follow."""
    played.plays(a_page("1", "t1"), json_reply({"Accounts": [], "NextToken": "t2"}), a_page("3"))
    listed: list[str] = []

    ids(source, listed)

    assert listed == ["1", "3"]


def test_a_second_page_that_is_refused_is_not_the_end(played: Played, source: Account) -> None:
    """Half a list is an error after half a list, and never a whole one."""
    played.plays(a_page("1", "t1"), json_error("AccessDeniedException", 400))
    listed: list[str] = []

    with pytest.raises(Exception, match="AccessDenied") as error:
        listed.extend(account["Id"] for account in source.pages("organizations", "ListAccounts", "Accounts"))

    assert isinstance(error.value, Exception)
    assert isinstance(explain(error.value), Denied)


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_pages_in_a_circle_are_found_out(played: Played, source: Account, tokens: list[str]) -> None:
    """The SDK notices a token that repeats at once, and goes round a longer circle for ever."""
    played.plays([a_page(str(number), token) for number, token in enumerate(tokens)])

    with pytest.raises(Unexpected, match="repeated a page token"):
        ids(source, [])


def test_more_without_saying_where_is_not_the_end(played: Played, source: Account) -> None:
    """The SDK takes a truncated page without a marker for the last one."""
    played.plays(devices(more=True))

    with pytest.raises(Unexpected, match="not where it goes on"):
        list(source.pages("iam", "ListVirtualMFADevices", "VirtualMFADevices"))


def pages_of(source: Account, paging: dict[str, Any], *answers: dict[str, Any]) -> list[dict[str, Any]]:
    """List as if the SDK's data said this of an operation; return with what parameters it was asked."""
    requested: list[dict[str, Any]] = []

    def call(_service: str, _operation: str, **params: Any) -> dict[str, Any]:
        requested.append(params)
        return answers[len(requested) - 1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "_paging", lambda *_: paging)
        patch.setattr(source, "call", call)
        list(source.pages("any", "ListThings", "Things"))
    return requested


MARKED = {"input_token": "Marker", "output_token": "Marker", "more_results": "IsTruncated"}


def test_a_token_without_the_flag_says_that_there_is_more(source: Account) -> None:
    """AWS leaves flags out that are empty; half a list must not be whole for that."""
    first, last = {"Things": [], "Marker": "on"}, {"Things": [], "IsTruncated": False, "Marker": "on"}

    assert pages_of(source, MARKED, first, last) == [{}, {"Marker": "on"}]
    assert pages_of(source, MARKED, {"Things": []}) == [{}]


def test_tokens_of_several_parts_are_followed(source: Account) -> None:
    """Some services go on at a name and a kind, and some keep both one level deeper."""
    two_part_tokens = {
        "input_token": ["Name", "Kind"],
        "output_token": ["NextName", "NextKind"],
        "more_results": "More",
    }
    deeper = {"input_token": "Marker", "output_token": "Things.Next", "more_results": "Things.More"}
    end = {"Things": [], "More": False}

    assert pages_of(source, two_part_tokens, {"Things": [], "More": True, "NextName": "b", "NextKind": "A"}, end)[
        1
    ] == {
        "Name": "b",
        "Kind": "A",
    }
    assert pages_of(source, two_part_tokens, {"Things": [], "More": True, "NextName": "b"}, end)[1] == {"Name": "b"}
    assert pages_of(source, deeper, {"Things": {"Next": "b", "More": True}}, {"Things": {}})[1] == {"Marker": "b"}


def test_a_list_of_nothing_is_nothing(played: Played, source: Account) -> None:
    """The ordinary empty answer is complete."""
    played.plays(devices(more=False))

    assert list(source.pages("iam", "ListVirtualMFADevices", "VirtualMFADevices")) == []


@pytest.mark.parametrize("body", [{}, {"message": "hello"}])
def test_an_answer_without_the_list_is_not_an_empty_list(played: Played, source: Account, body: dict[str, str]) -> None:
    """What botocore cannot parse it returns as an object without the key."""
    played.plays(json_reply(body))

    with pytest.raises(Unexpected, match="without Accounts"):
        ids(source, [])
