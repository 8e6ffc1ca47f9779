"""Lists in pages: every way to go on, and every way in which a list must not seem to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from collector.core.errors import Unavailable, Unexpected
from collector.core.wire import Total
from connectors._http import Cursor, Http, InHeader, LinkHeader, NextLink, Offset, OnePage, Paging, answered_by
from connectors._http.operations import next_address
from connectors._http.paging import OmittedIfEmpty, links
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client

URL = "https://api.example.com/v1"
CALL = "GET /orgs/{org}/users"
FIRST = f"{URL}/orgs/acme/users"

Answers = dict[str, Any]
"""What each address is answered with: JSON, or a whole response."""


def played(answers: Answers) -> Callable[[httpx.Request], httpx.Response]:
    """Answer by what comes after the path of the list; anything else is 404."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(str(request.url).removeprefix(FIRST), httpx.Response(404, json={}))
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return answer


def listed(client: Client, answers: Answers, paging: Paging, **but: Any) -> list[Any]:
    """Return the items of the list."""
    http: Http = client(URL)
    with answered_by(played(answers), URL):
        return list(http.pages(CALL, paging=paging, **{"key": "users", "org": "acme", **but}))


def linked(items: Any, header: str | None) -> httpx.Response:
    """Return a page with a Link header."""
    return httpx.Response(200, json=items, headers={} if header is None else {"Link": header})


TWO_PAGES: dict[str, tuple[Answers, Paging]] = {
    "next link": (
        {"": {"users": [1, 2], "next": f"{FIRST}?after=2"}, "?after=2": {"users": [3], "next": None}},
        NextLink("next"),
    ),
    "relative next link": (
        {"": {"users": [1, 2], "next": "?after=2"}, "?after=2": {"users": [3], "next": ""}},
        NextLink("next"),
    ),
    "nested next link": (
        {"": {"users": [1, 2], "_links": {"next": {"href": f"{FIRST}?p=2"}}}, "?p=2": {"users": [3], "_links": {}}},
        NextLink(("_links", "next", "href"), omitted=True),
    ),
    "OData": (
        {"": {"users": [1, 2], "@odata.nextLink": f"{FIRST}?$skiptoken=x"}, "?$skiptoken=x": {"users": [3]}},
        NextLink("@odata.nextLink", omitted=True),
    ),
    "cursor": (
        {"": {"users": [1, 2], "next": "b"}, "?after=b": {"users": [3], "next": None}},
        Cursor("next", param="after"),
    ),
    "page token": (
        {"": {"users": [1, 2], "nextPageToken": "t/1"}, "?pageToken=t%2F1": {"users": [3]}},
        Cursor("nextPageToken", param="pageToken", omitted=True),
    ),
    "number of the next page": (
        {"": {"users": [1, 2], "next": 2}, "?page=2": {"users": [3], "next": None}},
        Cursor("next", param="page"),
    ),
    "more": (
        {"": {"users": [1, 2], "c": "x", "more": True}, "?c=x": {"users": [3], "c": "y", "more": False}},
        Cursor("c", param="c", more="more"),
    ),
    "header": (
        {
            "": httpx.Response(200, json={"users": [1, 2]}, headers={"X-Next-Page": "2"}),
            "?page=2": httpx.Response(200, json={"users": [3]}, headers={"X-Next-Page": ""}),
        },
        Cursor(InHeader("X-Next-Page"), param="page"),
    ),
    "link header": (
        {"": linked({"users": [1, 2]}, f'<{FIRST}?page=2>; rel="next"'), "?page=2": linked({"users": [3]}, None)},
        LinkHeader(),
    ),
    "offset": (
        {"": {"users": [1, 2]}, "?offset=2": {"users": [3]}, "?offset=3": {"users": []}},
        Offset(),
    ),
    "page number": (
        {"": {"users": [1, 2]}, "?page=2": {"users": [3]}, "?page=3": {"users": []}},
        Offset("page", first=1, by_page=True),
    ),
}


@pytest.mark.parametrize("name", TWO_PAGES)
def test_two_pages(client: Client, wire: CountingWire, name: str) -> None:
    """Every way leads to the end, and different pages differ on the wire."""
    answers, paging = TWO_PAGES[name]

    assert listed(client, answers, paging) == [1, 2, 3]
    assert len({tuple(call.params.items()) for call in wire.sent}) == len(wire.sent) >= 2


@pytest.mark.parametrize("name", TWO_PAGES)
def test_a_second_page_that_fails_is_not_the_end(client: Client, name: str) -> None:
    """What came before is given out first, so that half a list is half a list."""
    answers, paging = TWO_PAGES[name]
    second = list(answers)[1]
    seen: list[Any] = []
    http = client(URL)

    with answered_by(played({**answers, second: httpx.Response(500, json={})}), URL), pytest.raises(Unavailable):
        seen.extend(http.pages(CALL, key="users", paging=paging, org="acme"))

    assert seen == [1, 2]


@pytest.mark.parametrize("name", TWO_PAGES)
@pytest.mark.parametrize("page", [{}, {"users": None}, {"users": {}}, {"users": "none"}, [], None, {"error": "x"}])
def test_a_page_without_its_list_is_no_empty_page(client: Client, name: str, page: Any) -> None:
    """Half of the traps of stock clients: an answer of another kind is read as a list that is empty."""
    answers, paging = TWO_PAGES[name]
    second = list(answers)[1]

    with pytest.raises(Unexpected):
        listed(client, {**answers, second: page}, paging)


@pytest.mark.parametrize(
    ("paging", "page"),
    [
        (NextLink("next"), {"users": [1]}),
        (NextLink("next"), {"users": [1], "next": 7.5}),
        (NextLink("next"), {"users": [1], "next": {"href": "?a=1"}}),
        (NextLink("next"), {"users": [1], "next": True}),
        (NextLink(("links", "next")), {"users": [1], "links": None}),
        (NextLink("next"), {"users": [1], "next": "http://["}),
        (Cursor("next", param="after"), {"users": [1]}),
        (Cursor("next", param="after"), {"users": [1], "next": False}),
        (Cursor("next", param="after"), {"users": [1], "next": ["a"]}),
        (Cursor("next", param="after", more="more"), {"users": [1], "next": "a"}),
        (Cursor("next", param="after", more="more"), {"users": [1], "next": "a", "more": "false"}),
        (Cursor("next", param="after", more="more"), {"users": [1], "next": None, "more": True}),
        (Cursor("next", param="after", omitted=True, more="more"), {"users": [1], "more": True}),
        (LinkHeader(always=True), {"users": [1]}),
        (LinkHeader(), linked({"users": [1]}, "no link at all")),
    ],
)
def test_a_page_that_does_not_say_how_to_go_on_is_refused(client: Client, paging: Paging, page: Any) -> None:
    """A key that is missing is another answer, not the end, unless the platform documents it so."""
    with pytest.raises(Unexpected):
        listed(client, {"": page}, paging)


@pytest.mark.parametrize(
    "page",
    [
        {"users": [1], "next": "?a=1"},
        {"users": [1], "nextPageToken": "x"},
        {"users": [1], "@odata.nextLink": "x"},
        {"users": [1], "has_more": True},
        {"users": [1], "_links": {"next": {"href": "x"}}},
        linked({"users": [1]}, f'<{FIRST}?page=2>; rel="next"'),
    ],
)
def test_a_list_that_comes_as_a_whole_says_nothing_of_more(client: Client, page: Any) -> None:
    """Whoever forgets the pages of a list learns it from the first one."""
    with pytest.raises(Unexpected, match="more pages than are read"):
        listed(client, {"": page}, OnePage())


def test_a_list_that_comes_as_a_whole(client: Client) -> None:
    """With the keys that platforms leave empty, and as a bare list."""
    assert listed(client, {"": {"users": [1], "next": None, "has_more": False}}, OnePage()) == [1]
    assert listed(client, {"": [1, 2]}, OnePage(), key=None) == [1, 2]


def test_an_empty_list_whose_key_is_left_out(client: Client) -> None:
    """Only where it was said that the platform does so, and even then nothing else may be in its place."""
    assert listed(client, {"": {"kind": "k"}}, OnePage(), key=OmittedIfEmpty("users")) == []
    wrong: list[Any] = [{"users": None}, {"users": {}}, []]
    for page in wrong:
        with pytest.raises(Unexpected):
            listed(client, {"": page}, OnePage(), key=OmittedIfEmpty("users"))


def test_items_that_lie_deeper(client: Client) -> None:
    """A function finds them, and what it does not find is no empty list."""

    def machines(body: Any) -> list[Any]:
        return [item for zone in body["items"].values() for item in zone["machines"]]

    assert listed(
        client, {"": {"items": {"a": {"machines": [1]}, "b": {"machines": [2]}}}}, OnePage(), key=machines
    ) == [1, 2]
    wrong: list[Any] = [{"items": {"a": {}}}, {"items": []}, {}, []]
    for page in wrong:
        with pytest.raises(Unexpected):
            listed(client, {"": page}, OnePage(), key=machines)


@pytest.mark.parametrize(
    "answers",
    [
        {"": {"users": [], "next": FIRST}},
        {"": {"users": [1], "next": "?a=1"}, "?a=1": {"users": [2], "next": FIRST}},
        {
            "": {"users": [], "next": "?a=1"},
            "?a=1": {"users": [], "next": "?a=2"},
            "?a=2": {"users": [], "next": "?a=1"},
        },
    ],
)
def test_pages_do_not_go_round_in_circles(client: Client, wire: CountingWire, answers: Answers) -> None:
    """No page is asked for twice."""
    with pytest.raises(Unexpected, match="circles"):
        listed(client, answers, NextLink("next"))

    assert len(wire.sent) == len(answers)


@pytest.mark.parametrize("paging", [Offset(), Offset("page", first=1, by_page=True)])
def test_a_platform_that_does_not_know_the_parameter_is_found_out(client: Client, paging: Paging) -> None:
    """It would send its first page for ever."""
    http = client(URL)
    with (
        answered_by(lambda _: httpx.Response(200, json={"users": [{"id": 1}]}), URL),
        pytest.raises(Unexpected, match="the same"),
    ):
        list(http.pages(CALL, key="users", paging=paging, org="acme"))


def test_a_list_has_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages with a new token each, and nothing on them."""
    monkeypatch.setattr("connectors._http.client.MOST_PAGES", 50)
    http = client(URL)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"users": [], "next": str(int(request.url.params.get("after", 0)) + 1)})

    with answered_by(answer, URL), pytest.raises(Unexpected, match="more than 50 pages"):
        list(http.pages(CALL, key="users", paging=Cursor("next", param="after"), org="acme"))


def test_ten_thousand_pages_are_read(client: Client, wire: CountingWire) -> None:
    """A list that is really long is not taken for an endless one."""
    http = client(URL)

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("after", 0))
        return httpx.Response(200, json={"users": [number], "next": str(number + 1) if number < 9999 else None})

    with answered_by(answer, URL):
        count = sum(1 for _ in http.pages(CALL, key="users", paging=Cursor("next", param="after"), org="acme"))

    assert count == len(wire.sent) == 10_000


def test_the_platforms_own_count_comes_first(client: Client) -> None:
    """The engine compares it with what was listed."""
    answers = {"": {"users": [1, 2], "total": 3}, "?offset=2": {"users": [3], "total": 3}}

    assert listed(client, answers, Offset(), total="total") == [Total(3, f"{CALL} total"), 1, 2, 3]


def test_the_count_may_be_in_a_header(client: Client) -> None:
    """As GitLab has it."""
    page = httpx.Response(200, json=[1], headers={"X-Total": "1"})

    assert listed(client, {"": page}, OnePage(), key=None, total=InHeader("X-Total"))[0] == Total(
        1, f"{CALL} the header X-Total"
    )


@pytest.mark.parametrize(
    ("answers", "paging"),
    [
        ({"": {"users": [1, 2], "total": 3}, "?offset=2": {"users": [], "total": 3}}, Offset()),
        ({"": {"users": [1, 2], "total": 3, "next": None}}, NextLink("next")),
        ({"": {"users": [], "total": 1}}, OnePage()),
    ],
)
def test_a_list_that_ends_before_its_count_is_half_a_list(client: Client, answers: Answers, paging: Paging) -> None:
    """Rights that hide some of it are the usual reason."""
    with pytest.raises(Unexpected, match=r"counts [13], and its pages ended after"):
        listed(client, answers, paging, total="total")


@pytest.mark.parametrize("total", [1.5, True, None, "12", -1, [1]])
def test_an_odd_count_is_no_count(client: Client, total: Any) -> None:
    """Nor is one that is missing."""
    for page in ({"users": [1], "total": total}, {"users": [1]}):
        with pytest.raises(Unexpected, match="total counts nothing"):
            listed(client, {"": page}, OnePage(), total="total")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1/orgs/acme/users?after=2",
        "http://api.example.com/v1/orgs/acme/users?after=2",
        "https://api.example.com:8443/v1/orgs/acme/users?after=2",
        "https://user:word@api.example.com/v1/orgs/acme/users?after=2",
        "https://api.example.com@evil.example/v1",
        "https://api.example.com.evil.example/",
        "https://api.example.com./v1/orgs/acme/users?after=2",
        "//evil.example/v1",
        "\\\\evil.example\\v1",
        "file:///etc/passwd",
    ],
)
def test_the_credential_goes_to_no_other_host(client: Client, link: str) -> None:
    """A next link is the platform's, or that of whoever could write into its answer."""
    asked: list[str] = []
    http = client(URL)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(
            200, json={"users": [1], "next": link} if len(asked) == 1 else {"users": [], "next": None}
        )

    with answered_by(answer, URL, "https://evil.example", "http://api.example.com"):
        try:
            list(http.pages(CALL, key="users", paging=NextLink("next"), org="acme"))
        except Unexpected:
            pass
        else:
            assert {httpx.URL(url).host for url in asked} == {"api.example.com"}

    assert {httpx.URL(url).host for url in asked} == {"api.example.com"}
    assert {httpx.URL(url).scheme for url in asked} == {"https"}


@pytest.mark.parametrize("link", ["https://evil.example/", "http://api.example.com/", "https://u:w@api.example.com/x"])
def test_a_foreign_address_is_no_next_page(link: str) -> None:
    """Refused twice: here, and where it would be sent."""
    with pytest.raises(Unexpected, match="elsewhere"):
        next_address(httpx.URL(FIRST), link, CALL)


def test_link_headers_are_read_as_they_are_defined() -> None:
    """Addresses may hold commas and semicolons, relations may be several, and parameters come in any order."""
    header = '<https://a/?x=1,2;y>; title="a, b; rel=next"; rel="last", <https://a/?p=2>; rel="next prefetch"; t=1,<https://b>;REL=prev'

    assert links(header) == {
        "last": "https://a/?x=1,2;y",
        "next": "https://a/?p=2",
        "prefetch": "https://a/?p=2",
        "prev": "https://b",
    }
