"""Pages: all of them, or an error; never fewer without a word."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.errors import Unavailable, Unexpected
from collector.core.wire import Total
from connectors.github._sdk.client import GitHub
from tests.connectors.github.estate import ORG, user
from tests.connectors.github.played import Played, Reply

GUESTS = "GET /orgs/{org}/outside_collaborators"
PATH = f"{ORG}/outside_collaborators"


def logins(org: GitHub) -> list[str]:
    """Who is listed."""
    return [page["login"] for page in org.pages(GUESTS)]


def test_a_second_page_is_read(hub: Played, org: GitHub) -> None:
    """The first page is not the list."""
    hub.page = 1
    hub.answers[PATH] = [user("ann"), user("bob"), user("cat")]

    assert logins(org) == ["ann", "bob", "cat"]
    assert hub.asked[f"GET {PATH}"] == 3


def test_a_second_page_that_fails_is_not_the_end_of_the_list(hub: Played, org: GitHub) -> None:
    """Half a list is reported as half a list."""
    hub.page = 1
    hub.answers[PATH] = [user("ann"), user("bob")]
    hub.fails_after[PATH] = Reply(502, {"message": "bad"})
    listed = org.pages(GUESTS)

    assert next(listed)["login"] == "ann"
    with pytest.raises(Unavailable):
        next(listed)


def _linked(to: str, rel: str = "next", body: Any = None) -> Reply:
    return Reply(200, [user("ann")] if body is None else body, {"link": f'<{to}>; rel="{rel}"'})


def test_pages_that_go_in_circles_end(hub: Played, org: GitHub) -> None:
    """Otherwise the run would list the same people for ever."""
    hub.answers[PATH] = _linked(f"{hub.url}{PATH}?page=2")

    with pytest.raises(Unexpected, match="repeated a page"):
        logins(org)


def test_a_page_on_another_host_is_not_asked_for(hub: Played, org: GitHub) -> None:
    """The credential goes to the host of the settings and to no other."""
    hub.answers[PATH] = _linked("https://elsewhere.example/next")

    with pytest.raises(Unexpected, match=r"elsewhere\.example"):
        logins(org)

    assert hub.total() == 1


def test_a_list_that_ends_before_its_last_page_is_not_whole(hub: Played, org: GitHub) -> None:
    """GitHub says on the first page how many there are."""
    hub.turns[PATH] = [
        Reply(
            200,
            [user("ann")],
            {"link": f'<{hub.url}{PATH}?page=2>; rel="next", <{hub.url}{PATH}?page=3>; rel="last"'},
        ),
        Reply(200, [user("bob")]),
    ]

    with pytest.raises(Unexpected, match="has 3 pages"):
        logins(org)


@pytest.mark.parametrize(
    ("body", "why"), [({}, "without a list"), ({"message": "hm"}, "without a list"), (None, "status 200 and nothing")]
)
def test_an_answer_without_a_list_is_no_empty_list(hub: Played, org: GitHub, body: Any, why: str) -> None:
    """An object where a list should be says nothing of how many there are."""
    hub.answers[PATH] = Reply(200, body)

    with pytest.raises(Unexpected, match=why):
        logins(org)


def test_githubs_own_count_is_told(hub: Played, org: GitHub) -> None:
    """An auditor compares it with ours."""
    path = f"{ORG}/actions/secrets"
    secret = {"name": "A", "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"}
    hub.page = 1
    hub.answers[path] = {
        "total_count": 2,
        "secrets": [{**secret, "visibility": "all"}, {**secret, "name": "B", "visibility": "all"}],
    }

    listed = list(org.pages("GET /orgs/{org}/actions/secrets", "secrets"))

    assert [observation for observation in listed if isinstance(observation, Total)] == [
        Total(2, "GET /orgs/{org}/actions/secrets total_count")
    ]
    assert [observation["name"] for observation in listed if not isinstance(observation, Total)] == ["A", "B"]


def test_what_was_remembered_keeps_its_next_page(hub: Played, org: GitHub) -> None:
    """An unchanged first page still leads to the second."""
    hub.page = 1
    hub.answers[PATH] = [user("ann"), user("bob")]
    logins(org)

    assert logins(org) == ["ann", "bob"]
    assert hub.unchanged == 2
