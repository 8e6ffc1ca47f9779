"""The estate with several of everything, and with a canary in every place that is declared as secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.demo.github import queries
from tests.connectors.github import estate, shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.connectors.github.played import Played

_MAIL = "canary-person@acme.example"
_PLAN = {"name": "enterprise", "space": 1, "private_repos": 1}
_DIFFERENT = (
    "id", "number", "name", "login", "slug", "guid", "credential_id", "_document_id", "oid", "default_for_new_repos",
)  # fmt: skip


def _repeated(found: Any, call: str, most: int) -> Any:
    """Return a list with so many items, each with a key of its own."""
    if callable(found):
        return lambda query: _repeated(found(query), call, most)
    if isinstance(found, dict):
        key = next((name for name in found if isinstance(found[name], list)), None)
        made = _repeated(found[key], call, most) if key and "total_count" in found else None
        return found if made is None or key is None else {"total_count": len(made), key: made}
    if not isinstance(found, list) or not found:
        return found
    return found[:1] + [_other(found[0], place) for place in range(1, most)]


def _other(item: dict[str, Any], place: int) -> dict[str, Any]:
    answer = {
        name: item[name] + place if isinstance(item[name], int) else f"{item[name]}-{place}"
        for name in _DIFFERENT
        if item.get(name) is not None
    }
    if "default_for_new_repos" in item:
        answer["default_for_new_repos"] = ("all", "public", "private_and_internal")[place % 3]
    return {**item, **answer}


def furnish(hub: Played, most: int) -> None:
    """Let the server be acme with so many of everything, and with a canary in each place that is secret."""
    hub.answers.clear()
    estate.play(hub)
    _planted(hub)
    for path, found in list(hub.answers.items()):
        call = shapes.call_of(path)
        if call is not None and shapes.is_list(call) and path != "/orgs/acme/repos":
            hub.answers[path] = _repeated(found, call, most)
    teams = hub.answers["/orgs/acme/teams"]
    for team in teams[1:]:
        for what in ("members", "repos"):
            hub.answers[f"/orgs/acme/teams/{team['slug']}/{what}"] = hub.answers[f"/orgs/acme/teams/core/{what}"]
    last = hub.answers[f"{estate.REPO}/environments"]["environments"][-1]
    last["deployment_branch_policy"] = {"protected_branches": False, "custom_branch_policies": True}
    policies = hub.answers.pop(f"{estate.REPO}/environments/production/deployment-branch-policies")
    hub.answers[f"{estate.REPO}/environments/{last['name']}/deployment-branch-policies"] = policies
    comparison = estate.a_comparison(*reversed(_oids(most)))
    hub.answers[f"{estate.REPO}/compare/{'b' * 40}...{'a' * 40}"] = comparison
    (first,) = hub.answers["/orgs/acme/repos"]
    names = ["api", *(f"api-{place}" for place in range(1, most))]
    hub.answers["/orgs/acme/repos"] = [{**first, "name": name, "full_name": f"acme/{name}"} for name in names]
    for path, found in list(hub.answers.items()):
        if path.startswith("/repos/acme/api"):
            for name in names[1:]:
                hub.answers[f"/repos/acme/{name}{path.removeprefix('/repos/acme/api')}"] = found
    hub.answers |= {path: estate.CLASSIC for path in hub.answers if path.endswith("/branches/main/protection")}
    hub.graphql = _queries(most)


def _planted(hub: Played) -> None:
    """Put a canary wherever something is declared as secret, and a value wherever something is volatile."""
    now, organization, code = estate.LATE, estate.ORG, estate.REPO
    counts = dict.fromkeys(("forks", "forks_count", "network_count", "open_issues", "open_issues_count", "size"), 1)
    counts |= dict.fromkeys(("stargazers_count", "subscribers_count", "watchers", "watchers_count"), 1)
    public = {"private": False, "visibility": "public"}
    hook = {
        "last_response": {"code": 200, "status": "ok", "message": None},
        "config": {
            "url": "https://hooks.acme.example/in/CANARY-7712", "content_type": "json", "insecure_ssl": "0",
            "secret": "********", "token": "CANARY-7712", "password": "CANARY-7712",
        },
    }  # fmt: skip
    people = dict.fromkeys(("collaborators", "disk_usage", "followers", "following", "owned_private_repos"), 1)
    people |= dict.fromkeys(("private_gists", "public_gists", "public_repos", "total_private_repos"), 1)
    event = {
        "actor_ip": "canary-place", "actor_location": {"country_code": "canary-place"},
        "openssh_public_key": "CANARY-4410", "external_identity_nameid": _MAIL,
    }  # fmt: skip
    token = {"token_last_eight": "CANARY-12345678", "fingerprint": "canary-finger", "credential_accessed_at": now}
    planted: dict[str, dict[str, Any]] = {
        organization: {**people, "email": _MAIL, "billing_email": _MAIL, "updated_at": now, "plan": _PLAN},
        f"{organization}/invitations": {"email": _MAIL},
        f"{organization}/installations": {"contact_email": _MAIL, "updated_at": now},
        f"{organization}/credential-authorizations": token,
        f"{organization}/hooks": hook,
        f"{organization}/audit-log": event,
        f"{organization}/code-security/configurations": {"updated_at": now},
        f"{organization}/actions/runners": {"status": "online", "busy": False, "version": "2"},
        f"{organization}/repos": {**counts, **public, "temp_clone_token": "canary-clone", "updated_at": now},
        estate.ENTERPRISE: {"stream_type": "Amazon S3", "stream_details": "canary-stream", "updated_at": now},
        code: public,
        f"{code}/collaborators": {"email": _MAIL},
        f"{code}/hooks": hook,
        f"{code}/secret-scanning/alerts": {
            "updated_at": now,
            "first_location_detected": None,
            "has_more_locations": False,
        },
        f"{code}/code-scanning/alerts": {
            "updated_at": now,
            "most_recent_instance": {"message": {"text": "canary-message"}},
        },
        f"{code}/deployments": {"payload": "canary-payload", "updated_at": now},
    }
    for path, more in planted.items():
        for item in _items_of(hub.answers[path]):
            item.update(more)
    hub.answers[f"{organization}/failed_invitations"] = [
        {**hub.answers[f"{organization}/invitations"][0], "id": 50, "failed_at": now, "failed_reason": "expired"}
    ]
    members, guests = hub.answers[f"{organization}/members"], [estate.user("eve")]
    hub.answers[f"{organization}/members"] = lambda query: [estate.user("dan")] if "filter" in query else members(query)
    hub.answers[f"{organization}/outside_collaborators"] = guests


def _items_of(found: Any) -> list[dict[str, Any]]:
    """The items of a list, or the one thing that an answer is."""
    if isinstance(found, list):
        return found
    inner = next((value for value in found.values() if isinstance(value, list)), None) if found else None
    return inner if inner is not None and "total_count" in found else [found]


def _oids(most: int) -> list[str]:
    """The commits of the default branch, the latest first."""
    return ["a" * 40, *(f"{place:040}" for place in range(1, most))]


def _queries(most: int) -> list[tuple[str, Any]]:
    def paged(nodes: list[dict[str, Any]], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        return lambda variables: answer(queries.connection(nodes, size=1, after=variables.get("after")))

    person = {"user": {"login": "ann"}, "name": "Ann", "email": _MAIL}
    commits = [estate.a_commit(oid, author=person, committer=person) for oid in _oids(most)]
    merged = [{**estate.a_pull(place + 1), "updatedAt": estate.LATE} for place in range(most)]
    linked = [{"login": "ann"}, *([None] * (most - 1))]
    identities = [
        {"guid": f"g{place}", "samlIdentity": {"nameId": _MAIL}, "user": linked[place]} for place in range(most)
    ]
    provider = {"issuer": "https://idp.acme.example", "ssoUrl": "https://idp.acme.example/sso"}
    return [
        ("externalIdentities", paged(identities, queries.external_identities)),
        ("samlIdentityProvider", estate.saml(provider)),
        ("branchProtectionRule", queries.force_pushers({"__typename": "App", "slug": "release-bot"})),
        ("pullRequests(", paged(merged, queries.pull_requests)),
        ("commits(first", estate.contributions(queries.contribution("c" * 40, person, committer=person))),
        ("object(oid", queries.dated_behind(0)),
        ("history(", paged(commits, queries.history)),
    ]
