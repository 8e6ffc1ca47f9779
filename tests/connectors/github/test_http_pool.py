"""The connection under PyGithub: what passes the wire, what is asked again, and what is refused."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from collector.core.errors import ConnectorError, Denied, RateLimited, Stopped, Unavailable, Unexpected
from collector.core.wire import Call
from connectors.github._sdk.client import GitHub, connect
from connectors.github._sdk.errors import explain
from connectors.github._sdk.request_context import requests_for
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.estate import ORG, REPO, described, settings, user
from tests.connectors.github.played import NOW, Played, Reply
from tests.connectors.github.shapes import item


@pytest.fixture(autouse=True)
def acme(hub: Played) -> None:
    """The organization by itself."""
    hub.answers[ORG] = item("GET /orgs/{org}", login="acme")


def test_every_attempt_passes_the_wire_once(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """What is not counted is not in the provenance, and is not stopped by Ctrl-C."""
    hub.turns[ORG] = [Reply(502, {"message": "bad"}), Reply(503, {"message": "bad"})]

    org.request("GET /orgs/{org}")

    assert hub.total() == 3
    assert [answer.status for _, answer in wire.received] == [502, 503, 200]
    assert wire.operations == ["GET /orgs/{org}"] * 3


def test_an_error_that_stays_ends_after_four_attempts(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """A loop without end would look like work."""
    hub.answers[ORG] = Reply(502, {"message": "bad"})

    with pytest.raises(Unavailable):
        org.request("GET /orgs/{org}")

    assert hub.total() == 4
    assert wire.pauses == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        (Reply(429, {"message": "slow"}, {"retry-after": "7"}), 7),
        (Reply(403, {"message": "wait"}, {"retry-after": "9"}), 9),
        (Reply(429, {"message": "slow"}, {"retry-after": "1.5"}), 1.5),
        (Reply(429, {"message": "slow"}, {"retry-after": "Sun, 01 Mar 2026 06:00:11 GMT"}), 11),
        (Reply(429, {"message": "slow"}, {"retry-after": "Sun, 01 Mar 2026 05:00:00 GMT"}), 0),
        (Reply(429, {"message": "slow"}, {"retry-after": "9" * 40}), 86_400),
        (Reply(429, {"message": "slow"}, {"retry-after": "later"}), 60),
        (Reply(403, {"message": "You have exceeded a secondary rate limit"}), 60),
        (
            Reply(
                403,
                {"message": "API rate limit exceeded for user ID 1."},
                {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW + 120)},
            ),
            121,
        ),
    ],
)
def test_a_rate_limit_is_a_pause_for_everybody_and_no_refusal(
    hub: Played, org: GitHub, wire: CountingWire, reply: Reply, pause: float
) -> None:
    """Taken for a refusal, a busy hour would look like a missing right."""
    hub.turns[ORG] = [reply]

    org.request("GET /orgs/{org}")

    throttled, answered = (answer for _, answer in wire.received)
    assert (throttled.throttled, throttled.retry_after) == (True, timedelta(seconds=pause))
    assert (answered.status, answered.throttled) == (200, False)


def test_a_limit_that_stays_is_called_by_its_name(hub: Played, org: GitHub) -> None:
    """Whoever reads it must not go and change permissions."""
    hub.answers[ORG] = Reply(403, {"message": "You have exceeded a secondary rate limit"})

    with pytest.raises(RateLimited):
        org.request("GET /orgs/{org}")


def test_an_unchanged_answer_is_free_and_the_same(org: GitHub, wire: CountingWire) -> None:
    """Saving quota must not change what is seen."""
    first = org.request("GET /orgs/{org}")
    second = org.request("GET /orgs/{org}")

    assert first == second
    assert [(answer.status, answer.free) for _, answer in wire.received] == [(200, False), (304, True)]


def test_an_answer_that_changed_is_the_new_one(hub: Played, org: GitHub) -> None:
    """A remembered answer that outlives its truth would be false evidence."""
    org.request("GET /orgs/{org}")
    hub.answers[ORG] = item("GET /orgs/{org}", login="acme", description="new")

    assert org.request("GET /orgs/{org}")["description"] == "new"


def test_threads_do_not_take_each_others_answers(hub: Played, wire: CountingWire) -> None:
    """PyGithub asks and reads in two calls on one connection; crossed, one repository's evidence is another's."""
    names = [f"r{number}" for number in range(40)]
    for name in names:
        hub.answers[f"/repos/acme/{name}"] = described(name=name)
    own_settings = settings(hub)

    def request(name: str) -> bool:
        return bool(connect(own_settings, ("acme", name), wire).repository_details()["name"] == name)

    with ThreadPoolExecutor(16) as pool:
        right = list(pool.map(request, names * 5))

    assert all(right)
    assert hub.total() == len(wire.sent) == 200


def test_what_one_thread_asks_is_not_what_another_gets(hub: Played, wire: CountingWire) -> None:
    """Between PyGithub's two calls another thread may come, however seldom."""
    for name in ("a", "b"):
        hub.answers[f"/repos/acme/{name}"] = described(name=name)
    connection: Any = vars(connect(settings(hub), ("acme",), wire)._requester())["_Requester__connection"]
    connection.request("GET", "/repos/acme/a", None, {})
    other = threading.Thread(target=connection.request, args=("GET", "/repos/acme/b", None, {}))
    other.start()
    other.join()

    with requests_for(wire, Call("GET /repos/{owner}/{repo}")):
        answer = json.loads(connection.getresponse().read())

    assert answer["name"] == "a"


def test_a_redirect_of_a_repository_is_not_followed(hub: Played, repo: GitHub) -> None:
    """PyGithub would follow without the query, and take a first page for the second."""
    hub.answers[REPO] = Reply(301, {"message": "Moved Permanently"}, {"location": f"{hub.url}/repositories/1"})

    with pytest.raises(ConnectorError, match="gone, renamed or blocked"):
        repo.repository_details()

    assert hub.total() == 1


@pytest.mark.parametrize("status", [200, 403, 404])
def test_a_page_of_a_proxy_is_not_an_answer(hub: Played, org: GitHub, status: int) -> None:
    """A login page of the company's proxy has no list in it, which is not an empty list."""
    hub.answers[ORG] = Reply(status, "<html>Sign in</html>")

    with pytest.raises(Unexpected, match="not by GitHub's API"):
        org.request("GET /orgs/{org}")


def test_no_more_is_read_than_is_allowed(org: GitHub, wire: CountingWire) -> None:
    """An answer without end must not fill the memory."""
    wire.largest_answer = 100

    with pytest.raises(Unexpected, match="larger than 100 bytes"):
        org.request("GET /orgs/{org}")

    assert len(wire.received) == 1


def test_an_answer_in_the_making_is_asked_for_again(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """202 is no answer yet; PyGithub would sleep where nobody can stop it."""
    hub.turns[ORG] = [Reply(202, {})]

    assert org.request("GET /orgs/{org}")["login"] == "acme"
    assert wire.pauses == [1.0]


def test_a_call_that_may_not_go_out_does_not(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """Ctrl-C is obeyed before the request, not after."""
    wire.refuse[1] = Stopped()

    with pytest.raises(Stopped):
        org.request("GET /orgs/{org}")

    assert hub.total() == 0


def test_a_server_that_is_not_there_is_unavailable(hub: Played, wire: CountingWire) -> None:
    """A name that does not resolve is not a missing right."""
    gone = settings(hub, url="http://127.0.0.1:9")

    with pytest.raises(Unavailable, match="could not be reached"):
        connect(gone, ("acme",), wire).request("GET /orgs/{org}")

    assert [answer.status for _, answer in wire.received] == [None] * 4


def test_what_github_says_of_the_quota_reaches_the_wire(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """The engine keeps to the share; it must hear how much is left and how long that has to do."""
    hub.quota = {"x-ratelimit-remaining": "50", "x-ratelimit-limit": "100", "x-ratelimit-reset": str(NOW + 30)}
    hub.answers[ORG] = item("GET /orgs/{org}", login="acme")
    org.request("GET /orgs/{org}")
    ((_, answer),) = wire.received

    assert (answer.remaining, answer.limit, answer.resets_in) == (50, 100, timedelta(seconds=30))


def test_another_quota_is_told_by_its_name(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """The audit log has a quota of its own, much smaller, and its last call must not stop all others."""
    hub.quota = {
        "x-ratelimit-remaining": "0", "x-ratelimit-limit": "30", "x-ratelimit-reset": str(NOW + 30),
        "x-ratelimit-resource": "audit_log",
    }  # fmt: skip
    hub.answers[ORG] = item("GET /orgs/{org}", login="acme")
    org.request("GET /orgs/{org}")
    ((_, answer),) = wire.received

    assert (answer.bucket, answer.remaining, answer.limit, answer.resets_in) == (
        "audit_log",
        0,
        30,
        timedelta(seconds=30),
    )


QUERY = "query { viewer { login } rateLimit { cost remaining limit resetAt } }"
VIEWER = {"data": {"viewer": {"login": "ann"}}}
POINTS = {"cost": 3, "remaining": 70, "limit": 100, "resetAt": "2026-03-01T06:00:40Z"}


def test_a_query_says_what_it_cost(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """GraphQL counts points; only the body says how many a query took."""
    hub.quota = {
        "x-ratelimit-remaining": "60", "x-ratelimit-limit": "100", "x-ratelimit-reset": str(NOW + 30),
        "x-ratelimit-resource": "graphql",
    }  # fmt: skip
    hub.turns["/graphql"] = [Reply(200, {"data": {**VIEWER["data"], "rateLimit": POINTS}})]
    org.graphql(QUERY, {})
    ((_, answer),) = wire.received

    assert (answer.bucket, answer.cost, answer.remaining, answer.resets_in) == ("graphql", 3, 60, timedelta(seconds=30))


def test_what_is_left_of_the_points_is_read_from_the_body_where_no_header_says_it(
    hub: Played, org: GitHub, wire: CountingWire
) -> None:
    """A server of one's own may send no such headers."""
    hub.turns["/graphql"] = [Reply(200, {"data": {**VIEWER["data"], "rateLimit": POINTS}})]
    org.graphql(QUERY, {})
    ((_, answer),) = wire.received

    assert (answer.cost, answer.remaining, answer.limit, answer.resets_in) == (3, 70, 100, timedelta(seconds=40))


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
@pytest.mark.parametrize("left", ["0", "4"])
def test_a_query_without_points_is_waited_for_as_any_call(
    hub: Played, org: GitHub, wire: CountingWire, kind: str, left: str
) -> None:
    """GraphQL answers 200 and says it in the body; the header may still count some points as left."""
    limits = {
        "x-ratelimit-remaining": left, "x-ratelimit-limit": "5000", "x-ratelimit-reset": str(NOW + 600),
        "x-ratelimit-resource": "graphql",
    }  # fmt: skip
    refusal = Reply(200, {"errors": [{"type": kind, "message": "API rate limit exceeded for user ID 1."}]}, limits)
    hub.turns["/graphql"] = [refusal, Reply(200, VIEWER)]

    assert org.graphql(QUERY, {}) == VIEWER["data"]
    first, second = (answer for _, answer in wire.received)
    assert (first.throttled, first.remaining, first.retry_after) == (True, 0, timedelta(seconds=601))
    assert (second.throttled, second.retry_after) == (False, None)


def test_a_query_that_was_one_too_many_in_short_time_is_waited_for(
    hub: Played, org: GitHub, wire: CountingWire
) -> None:
    """The secondary limit names no type, and leaves the points alone."""
    refusal = Reply(200, {"errors": [{"message": "You have exceeded a secondary rate limit."}]}, {"retry-after": "7"})
    hub.turns["/graphql"] = [refusal, Reply(200, VIEWER)]

    assert org.graphql(QUERY, {}) == VIEWER["data"]
    assert [(answer.throttled, answer.retry_after, answer.remaining) for _, answer in wire.received] == [
        (True, timedelta(seconds=7), None),
        (False, None, None),
    ]


def test_a_query_that_is_refused_for_ever_ends_as_rate_limited(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """Four attempts, and then the reason is GitHub's limit and not a missing right."""
    hub.turns["/graphql"] = [Reply(200, {"errors": [{"type": "RATE_LIMIT", "message": "API rate limit"}]})] * 4

    with pytest.raises(RateLimited):
        org.graphql(QUERY, {})
    assert len(wire.received) == 4


def test_a_person_whose_name_is_a_rate_limit_is_no_refusal(hub: Played, org: GitHub, wire: CountingWire) -> None:
    """Only errors say it, not what is listed."""
    hub.turns["/graphql"] = [Reply(200, {"data": {"viewer": {"login": "RATE_LIMITED secondary rate limit"}}})]
    org.graphql(QUERY, {})

    assert [answer.throttled for _, answer in wire.received] == [False]


def test_one_bare_404_of_a_repository_that_is_there_is_a_refusal(hub: Played, repo: GitHub) -> None:
    """GitHub hides what a credential may not see behind the words for what does not exist."""
    hub.answers[REPO] = described()

    with pytest.raises(Exception) as caught:  # noqa: PT011  what PyGithub raises is explained below
        list(repo.pages("GET /repos/{owner}/{repo}/keys"))

    assert isinstance(explain(caught.value), Denied)


def test_a_bare_404_of_a_repository_that_went_away_says_so(repo: GitHub) -> None:
    """Gone is another reason than refused, and nobody can mend it."""
    with pytest.raises(ConnectorError, match="gone, renamed or blocked") as caught:
        list(repo.pages("GET /repos/{owner}/{repo}/keys"))

    assert not isinstance(caught.value, Denied)


def test_what_is_asked_once_is_asked_once_by_many_threads(hub: Played, repo: GitHub) -> None:
    """A dozen tasks of a repository share what GitHub says of it."""
    hub.answers[REPO] = described()
    barrier = threading.Barrier(8)

    def request() -> None:
        barrier.wait()
        repo.repository_details()

    threads = [threading.Thread(target=request) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert hub.total() == 1


def test_organizations_left_out_for_want_of_a_sign_on_are_missed(hub: Played, wire: CountingWire) -> None:
    """GitHub answers 200 with the others, and says in a header only that these are not all."""
    hub.answers["/user/orgs"] = Reply(200, [], {"x-github-sso": "partial-results; organizations=1,2"})

    with pytest.raises(Denied, match="left out organizations"):
        list(connect(settings(hub), (), wire).pages("GET /user/orgs"))


def test_an_enterprise_server_is_asked_below_its_own_path(hub: Played, wire: CountingWire) -> None:
    """Its API and its GraphQL live in two places of one host."""
    hub.graphql = [("viewer", {"data": {"viewer": {"login": "ann"}}})]
    hub.page, hub.prefix = 1, "/api/v3"
    hub.answers[f"{ORG}/outside_collaborators"] = [user("ann"), user("bob")]
    server = connect(settings(hub, url=f"{hub.url}/api/v3"), ("acme",), wire)

    server.request("GET /orgs/{org}")
    list(server.pages("GET /orgs/{org}/outside_collaborators"))
    server.graphql("query { viewer { login } }", {})

    assert hub.paths == ["/api/v3/orgs/acme", *["/api/v3/orgs/acme/outside_collaborators"] * 2, "/api/graphql"]
