"""The whole of it: real engine, real store, real PyGithub, a played GitHub."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec import UNSET

from collector.core.checks import Status
from collector.core.tasks import Outcome
from collector.engine.run import Limits
from collector.setup.loading import LoadedConnector
from tests import golden
from tests.connectors.github.estate import ORG, REPO, play, settings
from tests.connectors.github.played import NOW, Played, Reply
from tests.played.clock import PlayedClock
from tests.sweep import scanning

scan = partial(scanning.scan, clocks=PlayedClock)


def test_an_estate_in_good_order_is_seen_whole(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """If anything here were not complete, every other verdict of these tests would rest on sand."""
    play(hub)

    scanned = scan(loaded, settings(hub), tmp_path)

    broken = {
        str(observation.observation.task): observation.observation.reason()
        for observation in scanned.seen
        if observation.observation.outcome is not Outcome.COMPLETE
    }
    unread = {
        str(observation.observation.task): observation.observation.provenance.unread
        for observation in scanned.seen
        if observation.observation.provenance.unread
    }
    assert broken == {}
    assert unread == {}


def test_every_check_passes_there_but_for_what_nobody_approved(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """A check that cannot pass on a good estate would be switched off by everybody."""
    play(hub)

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    assert {check for check, _, _ in verdicts} == set(loaded.checks)
    not_passed = {where[0]: verdict.status for where, verdict in verdicts.items() if verdict.status is not Status.PASS}
    assert not_passed == {
        "github_org_apps_approved": Status.FAIL,
        "github_org_outside_collaborators_reviewed": Status.FAIL,
        "github_collector_read_only": Status.UNKNOWN,
        "github_repo_security_policy_present": Status.NOT_APPLICABLE,
    }


def test_every_request_is_counted(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """The provenance is worth what it counts: GitHub's own count is the same."""
    play(hub)

    scanned = scan(loaded, settings(hub), tmp_path)

    counted = sum(observation.observation.provenance.requests for observation in scanned.seen)
    assert counted == hub.total()


def test_only_declared_calls_are_made(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """What `plan` and `permissions` say comes from the declarations."""
    play(hub)
    connector = loaded.connector
    declared = {call for collection in connector.collections.values() for call in collection.calls}
    declared |= {call for parts in connector.parts.values() for part in parts for call in part.calls}

    scanned = scan(loaded, settings(hub), tmp_path)

    assert scanned.operations() - declared == {connector.identity_call}


def test_a_second_scan_of_what_did_not_change_costs_next_to_nothing(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """The hourly quota belongs to the people who work there."""
    play(hub)
    own_settings = settings(hub)
    scan(loaded, own_settings, tmp_path)
    before, unchanged = hub.total(), hub.unchanged

    scanned = scan(loaded, own_settings, tmp_path)

    costly = (hub.total() - before) - (hub.unchanged - unchanged)
    free = sum(call.free for observation in scanned.seen for call in observation.observation.provenance.calls)
    assert free == hub.unchanged - unchanged
    # Six queries of GraphQL, which has no tags; two answers of 404 and one without content, which have none either.
    assert costly == 9


def test_points_that_are_used_up_are_waited_for_and_nothing_is_missing(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """GraphQL says it with status 200; it says nothing of the requests of REST, which go on."""
    play(hub)
    limits = {
        "x-ratelimit-remaining": "0", "x-ratelimit-limit": "5000", "x-ratelimit-reset": str(NOW + 3000),
        "x-ratelimit-resource": "graphql",
    }  # fmt: skip
    refusal = Reply(200, {"errors": [{"type": "RATE_LIMIT", "message": "API rate limit exceeded"}]}, limits)
    hub.turns["/graphql"] = [refusal]

    # One task at a time: the others would see the clock jump.
    scanned = scan(loaded, settings(hub), tmp_path, limits=Limits(tasks=1))

    assert {seen.observation.outcome for seen in scanned.seen} == {Outcome.COMPLETE}
    queries = [
        call for seen in scanned.seen for call in seen.observation.provenance.calls if call.operation == "POST /graphql"
    ]
    assert sum(call.retries for call in queries) == 1
    # A point for each query that was answered; a task whose only query was refused would have none.
    assert sum(call.cost for call in queries if call.cost is not UNSET) == sum(call.count for call in queries) - 1


def test_a_refused_estate_is_unknown_throughout(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """Not being let in must not look like having nothing to find."""
    play(hub)
    for path in hub.answers:
        if path.startswith((ORG, REPO, "/enterprises")) and path != f"{ORG}/repos":
            hub.answers[path] = Reply.refused()
    hub.graphql = []

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    seen = {where[0] for where, verdict in verdicts.items() if verdict.status is not Status.UNKNOWN}
    listed = {"github_repo_visibility_approved", "github_repo_inactive_archived", "github_repo_secret_scanning_enabled"}
    assert seen == listed


CANARIES = (b"CANARY-7712", b"CANARY-9931", b"CANARY-4410", b"north-canary", b"money@", b"ann@acme", b"12345678")


def test_no_secret_reaches_the_store(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """What was never kept cannot leak: keys, secrets found, values of variables, where webhooks lead, people's mail."""
    play(hub)

    kept = scan(loaded, settings(hub), tmp_path).kept

    assert b"https://hooks.acme.example" in kept, "the host of a webhook is evidence"
    assert b"[redacted config.url " in kept
    assert [canary for canary in CANARIES if canary in kept] == []


FIVE = {
    "missing right": Reply.refused("Resource not accessible by integration"),
    "single sign-on": Reply(403, {"message": "Forbidden"}, {"x-github-sso": "required; url=https://x"}),
    "plan": Reply.refused("Upgrade to GitHub Pro or make this repository public to enable this feature."),
    "switched off": Reply.refused("Dependabot alerts are disabled for this repository."),
    "gone": Reply.refused("Not Found", 404),
}


def test_five_refusals_have_five_reasons_and_none_is_an_empty_list(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """Five people would have to mend them; a reader must be sent to the right one."""
    check = "github_repo_dependabot_alerts_within_sla"
    reasons = []
    for name, reply in FIVE.items():
        play(hub)
        hub.answers[f"{REPO}/dependabot/alerts"] = reply
        if name == "gone":
            hub.answers[REPO] = reply

        verdict = scan(loaded, settings(hub), tmp_path).verdicts[check, ("acme", "api"), ""]

        assert verdict.status is Status.UNKNOWN, name
        reasons.append(verdict.reason)

    assert len(set(reasons)) == 5
    golden.compare(
        "reasons-of-refusals-github", "\n".join(f"{name}: {why}" for name, why in zip(FIVE, reasons, strict=True))
    )


def test_only_a_missing_right_names_a_permission(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """Whoever grants a permission because a feature is off has given a right away for nothing."""
    named = {}
    for name, reply in FIVE.items():
        play(hub)
        hub.answers[f"{REPO}/dependabot/alerts"] = reply
        hub.answers[f"{REPO}/private-vulnerability-reporting"] = reply
        if name == "gone":
            hub.answers[REPO] = reply

        seen = {
            observation.observation.task.collection: observation.observation
            for observation in scan(loaded, settings(hub), tmp_path).seen
        }

        named[name] = "needs" in seen["github.repo.dependabot_alert"].reason()

    assert named == {"missing right": True, "single sign-on": True, "plan": False, "switched off": False, "gone": False}


def test_who_asks_is_asked_once_a_source(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """A thousand repositories are no thousand identities."""
    play(hub)

    scanned = scan(loaded, settings(hub), tmp_path)

    assert hub.asked["GET /user"] == 1
    assert {observation.observation.provenance.identity for observation in scanned.seen} == {"auditor"}
