"""Each declared call refused in turn: the list is denied, or the part unread, and nothing is empty."""

from __future__ import annotations

import re
from typing import Any

import pytest

from collector.core.errors import ConnectorError, Denied
from collector.setup.loading import connector
from connectors.github._sdk.client import NO_CALL, GitHub, connect
from connectors.github._sdk.errors import explain
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github import shapes
from tests.connectors.github.estate import CLASSIC, REPO, play, settings
from tests.connectors.github.judging import bodies
from tests.connectors.github.played import Played, Reply

GITHUB = connector("github").connector
SCOPES: dict[str, tuple[str, ...]] = {"source": (), "organization": ("acme",), "repository": ("acme", "api")}
INTO = {
    "org": "acme", "owner": "acme", "repo": "api", "enterprise": "acme-group", "branch": "main", "team_slug": "core",
    "ruleset_id": "7", "tree_sha": "[^/]+", "file_sha": "b[134]", "basehead": "[^/]+",
    "environment_name": "production",
}  # fmt: skip
FREE = {"GET /rate_limit"}

LISTS = [
    (id_, call)
    for id_, collection in GITHUB.collections.items()
    for call in collection.calls
    if collection.level != "source" and call not in {NO_CALL, *FREE, "GET /orgs/{org}/installation"}
]
PARTS = [
    (kind, part.name, call)
    for kind, parts in GITHUB.parts.items()
    for part in parts
    for call in part.calls
    if call not in {"GET /repos/{owner}/{repo}", *FREE}
]


def refuse(hub: Played, call: str) -> None:
    """Let GitHub refuse one call, whatever fills its places."""
    if call == "POST /graphql":
        hub.graphql = []
        return
    pattern = re.sub(r"\{(\w+)\}", lambda found: INTO[found[1]], call.partition(" ")[2])
    hit = [path for path in hub.answers if re.fullmatch(pattern, path)]
    assert hit, call
    for path in hit:
        hub.refuse(path)


def client_of(hub: Played, kind: str) -> GitHub:
    """A client of the scope that a kind is listed in."""
    return connect(settings(hub), SCOPES[GITHUB.collections[kind].level], CountingWire())


def outcome(make: Any) -> ConnectorError:
    """What a listing or a part raised, in our words."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  PyGithub's or ours, which the next line tells
        make()
    explained = explain(caught.value)
    assert explained is not None, repr(caught.value)
    return explained


@pytest.mark.parametrize(("kind", "call"), LISTS)
def test_a_refused_list_is_denied(hub: Played, kind: str, call: str) -> None:
    """An empty list would read as nothing to check."""
    play(hub)
    refuse(hub, call)
    client = client_of(hub, kind)

    assert isinstance(outcome(lambda: list(bodies(GITHUB.collections[kind].list(client)))), Denied)


@pytest.mark.parametrize(("kind", "name", "call"), PARTS)
def test_a_refused_part_is_unread(hub: Played, kind: str, name: str, call: str) -> None:
    """Null would read as the platform's word that there is none."""
    play(hub)
    client = client_of(hub, kind)
    body = next(bodies(GITHUB.collections[kind].list(client)))
    part = next(item for item in GITHUB.parts[kind] if item.name == name)
    if name == "force_push_allowances":  # asked for where there is a protection
        hub.answers[f"{REPO}/branches/main/protection"] = CLASSIC
    refuse(hub, call)

    # Some things are asked for of public repositories only, or of environments with one policy.
    policy = {"protected_branches": not call.endswith("-policies")}
    body |= {"private": False, "deployment_branch_policy": policy}
    error = outcome(lambda: part.read(client_of(hub, kind), body))

    assert isinstance(error, Denied)
    assert error.code not in part.absent
    assert part.permissions


PAGED = [
    (id_, call)
    for id_, call in LISTS
    if call != "POST /graphql"
    and shapes.is_list(call)
    and id_ != "github.org.audit_stream"
    # Pushes only complete the list of changes: two pushes are no two changes.
    and (id_, call) != ("github.repo.change", "GET /repos/{owner}/{repo}/activity")
]


@pytest.mark.parametrize(("kind", "call"), PAGED)
def test_every_list_has_a_second_page_that_may_fail(hub: Played, kind: str, call: str) -> None:
    """Two items on two pages are two; where the second page fails, the first is not the list."""
    play(hub)
    pattern = re.sub(r"\{(\w+)\}", lambda found: INTO[found[1]], call.partition(" ")[2])
    (path,) = (answer for answer in hub.answers if re.fullmatch(pattern, answer))
    found = hub.answers[path]
    hub.answers[path] = (lambda query: _twice(found(query), call)) if callable(found) else _twice(found, call)
    hub.page = 1
    listing = GITHUB.collections[kind].list

    whole = list(bodies(listing(client_of(hub, kind))))
    requested = hub.asked[f"GET {path}"]
    hub.fails_after[path] = Reply(502, {"message": "bad"})
    outcome(lambda: list(bodies(listing(client_of(hub, kind)))))

    assert len(whole) >= 2
    assert requested >= 2


def _twice(found: Any, call: str) -> Any:
    """Put a second item beside the first, and two where there is none."""
    if isinstance(found, list):
        first = found[0] if found else shapes.item(call, login="x")
        second_body = {"id": 99, "number": 99, "name": "second", "login": "y"}
        return [first, {**first, **{name: value for name, value in second_body.items() if name in first}}]
    key = next(name for name in found if isinstance(found[name], list))
    return {"total_count": 2, key: _twice(found[key], call)}
