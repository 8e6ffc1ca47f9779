"""One client for all of Google's APIs: requests as described, pages, and lists that were given in part."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from collector.core.errors import Denied, RateLimited, Unavailable
from connectors._google import Google, Operation
from connectors._google.services import _service
from connectors._http import Retries, Token, Tokens, answered_by
from tests.connectors.aws.wires import CountingWire
from tests.connectors.google.described import differences
from tests.connectors.google.refusals import by_error_info, by_list

pytest.importorskip("googleapiclient", reason="needs annexd[google]")

DISKS = Operation("compute", "v1", "compute.disks.aggregatedList", (("returnPartialSuccess", "true"),))
POLICY = Operation("cloudresourcemanager", "v3", "cloudresourcemanager.projects.getIamPolicy")
SECRETS = Operation("secretmanager", "v1", "secretmanager.projects.secrets.list")
COMPUTE = "https://compute.googleapis.com"
MANAGER = "https://cloudresourcemanager.googleapis.com"
SECRET_MANAGER = "https://secretmanager.googleapis.com"


@pytest.fixture
def wire() -> CountingWire:
    """Return a wire that lets everything through."""
    return CountingWire()


@pytest.fixture
def google(wire: CountingWire) -> Google:
    """Return a client with a token."""
    return Google(wire, Tokens(lambda _wire, _claims: Token("t", 3600)), retries=Retries(attempts=2))


def playing(*answers: Any) -> tuple[list[httpx.Request], Callable[[httpx.Request], httpx.Response]]:
    """Return the requests that came, and what answers them one after the other."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, httpx.Response) else httpx.Response(200, json=one)

    return asked, answer


def test_an_operation_is_asked_as_google_describes_it(google: Google, wire: CountingWire) -> None:
    """With the token, what it is about in the record, and each host by a connection of its own."""
    asked, answer = playing({"bindings": []}, {})
    options = {"options": {"requestedPolicyVersion": 3}}

    with answered_by(answer, MANAGER, SECRET_MANAGER):
        google.ask(POLICY, resource="projects/acme", body=options)
        list(google.pages(SECRETS, key="secrets", parent="projects/acme", pageSize=100))

    assert [(one.method, one.url.path) for one in asked] == [
        ("POST", "/v3/projects/acme:getIamPolicy"),
        ("GET", "/v1/projects/acme/secrets"),
    ]
    assert json.loads(asked[0].content) == options
    assert dict(asked[1].url.params) == {"pageSize": "100", "prettyPrint": "false", "alt": "json"}
    assert {one.headers["authorization"] for one in asked} == {"Bearer t"}
    assert wire.operations == [POLICY.id, SECRETS.id]
    assert (wire.sent[0].params["resource"], wire.sent[1].params["parent"]) == ("projects/acme", "projects/acme")


def test_nothing_that_writes_can_be_asked() -> None:
    """Not by mistake either: the client does not have it."""
    with pytest.raises(TypeError, match="only reads"):
        Operation("compute", "v1", "compute.disks.insert").built(project="p", zone="z", body={})
    with pytest.raises(TypeError, match="only reads"):
        Operation("cloudresourcemanager", "v3", "cloudresourcemanager.projects.setIamPolicy").built(resource="p")
    with pytest.raises(TypeError, match="no description"):
        Operation("nothing", "v1", "nothing.list").built()
    with pytest.raises(TypeError):
        DISKS.built(project="p", zones="z")


def test_a_parameter_that_the_description_lacks_is_sent() -> None:
    """Without this one Compute Engine fails a list for one zone that is away."""
    sent = httpx.URL(DISKS.built(project="p").uri).params

    assert sent == httpx.QueryParams({"prettyPrint": "false", "alt": "json", "returnPartialSuccess": "true"})


def test_one_service_object_for_all_threads() -> None:
    """One takes megabytes; its address may be another."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _service("dns", "v1", "")[0], range(8)))

    assert len({id(service) for service in found}) == 1
    built = Operation("dns", "v1", "dns.policies.list").built(endpoint="https://dns-acme.p.googleapis.com", project="p")
    assert built.uri.startswith("https://dns-acme.p.googleapis.com/dns/v1/projects/p/policies")


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"unreachables": ["zones/a"]}, "zones/a could not be reached"),
        ({"warning": {"code": "UNREACHABLE", "message": "m"}}, "UNREACHABLE: m"),
        ({"items": {"zones/a": {"warning": {"code": "UNREACHABLE"}}}}, "zones/a: UNREACHABLE"),
        ({"warnings": [{"code": "REGION_UNREACHABLE", "region": "r1"}]}, "r1: REGION_UNREACHABLE"),
        ({"missingZones": ["z"]}, "z could not be reached"),
        ({"unreachable": ["projects/p/locations/r"]}, "projects/p/locations/r could not be reached"),
    ],
)
def test_a_list_that_was_given_in_part_is_not_the_whole(google: Google, last: dict[str, Any], said: str) -> None:
    """What there is is yielded, of later pages too, and then it is said what is missing."""
    first = {"items": {"zones/b": {"disks": [{"name": "d1"}]}}, **last, "nextPageToken": "t"}
    second = {"items": {"zones/c": {"disks": [{"name": "d2"}]}}}
    found: list[str] = []

    with answered_by(playing(first, second)[1], COMPUTE), pytest.raises(Unavailable, match=said):
        found.extend(disk["name"] for disk in google.pages(DISKS, key=disks_of, project="p"))

    assert found == (["d1", "d2"] if "items" not in last else ["d2"])


def disks_of(page: Any) -> list[Any]:
    """Return the disks of all zones."""
    return [disk for zone in page.get("items", {}).values() for disk in zone.get("disks", [])]


def test_a_place_that_holds_nothing_is_no_warning(google: Google) -> None:
    """Google warns of each zone without disks."""
    empty = {"items": {"zones/a": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "none"}}}}

    with answered_by(playing(empty)[1], COMPUTE):
        assert list(google.pages(DISKS, key=disks_of, project="p")) == []


def test_a_throttled_call_is_sent_again(google: Google, wire: CountingWire) -> None:
    """403 is one of the ways in which Google says so; a refusal is final."""
    with answered_by(playing(by_list(403, "userRateLimitExceeded"), {"secrets": []})[1], SECRET_MANAGER):
        assert list(google.pages(SECRETS, key="secrets", parent="projects/p")) == []
    assert [answer.throttled for _, answer in wire.received] == [True, False]
    with answered_by(playing(by_list(429, "rateLimitExceeded"))[1], SECRET_MANAGER), pytest.raises(RateLimited):
        list(google.pages(SECRETS, key="secrets", parent="projects/p"))
    with answered_by(playing(by_error_info(403, "IAM_PERMISSION_DENIED"))[1], SECRET_MANAGER), pytest.raises(Denied):
        list(google.pages(SECRETS, key="secrets", parent="projects/p"))
    assert len(wire.sent) == 5


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({"secrets": [{"name": "projects/1/secrets/a", "createTime": "2026-01-01T00:00:00.5Z"}]}, []),
        ({"secrets": [{"nome": "a"}]}, ["$.secrets[0]"]),
        ({"secrets": [{"createTime": "yesterday"}]}, ["$.secrets[0].createTime"]),
        ({"totalSize": "1"}, ["$.totalSize"]),
    ],
)
def test_answers_are_held_against_googles_description(answer: Any, where: list[str]) -> None:
    """So that no test rests on a field that Google does not have."""
    assert [found.partition(": ")[0] for found in differences(SECRETS, answer)] == where


def test_numbers_that_google_writes_as_text_are_text() -> None:
    """Those of 64 bits; the others are numbers."""
    assert differences(DISKS, {"items": {"z": {"disks": [{"sizeGb": "10", "id": "7"}]}}}) == []
    assert len(differences(DISKS, {"items": {"z": {"disks": [{"sizeGb": 10}]}}})) == 1
