"""Checks of repositories: the edge on both sides, none at all, and not read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.json import encode

from collector.core.checks import Check, Status
from collector.core.views import decode
from connectors.github.organization import repository_access
from connectors.github.repository import (
    branch_checks,
    community_files,
    deploy_keys,
    environments,
)
from connectors.github.repository import settings as repository_settings
from connectors.github.repository.branches import BranchProtection, BranchRules
from connectors.github.security import dependabot, scanning
from tests.connectors.github.estate import PULL_REQUEST, a_rule, a_ruleset
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
    view,
)

SHA = "a" * 40


def a_repository(**but: Any) -> repository_settings.Repository:
    """A repository as it should be."""
    values: dict[str, Any] = {
        "name": "api",
        "full_name": "acme/api",
        "private": True,
        "fork": False,
        "archived": False,
        "visibility": "private",
        "pushed_at": ago(1),
        "security_and_analysis": {
            "secret_scanning": {"status": "enabled"},
            "secret_scanning_push_protection": {"status": "enabled"},
        },
    }
    return view(repository_settings.Repository, **(values | but))


def _on(scan: str | None, push: str | None) -> dict[str, Any]:
    values = {"secret_scanning": scan, "secret_scanning_push_protection": push}
    return {name: {"status": value} for name, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"security_and_analysis": _on("enabled", "disabled")}, FAIL),
        ({"security_and_analysis": _on("disabled", "enabled")}, FAIL),
        ({"security_and_analysis": _on("disabled", None)}, FAIL),
        ({"security_and_analysis": _on("enabled", None)}, UNKNOWN),
        ({"security_and_analysis": {}}, UNKNOWN),
        ({"security_and_analysis": None}, UNKNOWN),
        ({"security_and_analysis": None, "archived": True}, NOTHING),
    ],
)
def test_secrets_are_looked_for(but: dict[str, Any], expected: Status) -> None:
    """What GitHub does not state may be the plan's or the credential's doing: neither on nor off."""
    assert status(repository_settings.secret_scanning, a_repository(**but)) is expected


@pytest.mark.parametrize(
    ("visibility", "approved", "expected"),
    [
        ("private", (), PASS),
        ("internal", (), PASS),
        ("public", (), FAIL),
        ("public", ("api",), PASS),
        ("public", ("acme/api",), PASS),
        ("public", ("other",), FAIL),
    ],
)
def test_public_repositories_are_approved(visibility: str, approved: tuple[str, ...], expected: Status) -> None:
    """Public by decision is fine; public by accident is not."""
    evidence = a_repository(visibility=visibility)

    assert status(repository_settings.visibility, evidence, approved_public_repos=approved) is expected


@pytest.mark.parametrize(
    ("days", "archived", "expected"),
    [(365, False, PASS), (366, False, FAIL), (999, True, PASS), (None, False, UNKNOWN)],
)
def test_what_nobody_works_on_is_archived(days: float | None, archived: bool, expected: Status) -> None:
    """The edge on both sides."""
    evidence = a_repository(archived=archived, pushed_at=None if days is None else ago(days))

    assert status(repository_settings.inactive, evidence) is expected


def some_rules(*rules: dict[str, Any], rulesets: Any = None, archived: bool = False) -> BranchRules:
    """The rules of the default branch."""
    return view(
        BranchRules,
        full_name="acme/api",
        branch="main",
        archived=archived,
        rules=list(rules),
        rulesets=[a_ruleset()] if rulesets is None else rulesets,
    )


def force_pushers(*actors: dict[str, Any] | None, total: int | None = None) -> dict[str, Any]:
    """Who may force push although not everybody may, in the format of GitHub's GraphQL."""
    return {"totalCount": len(actors) if total is None else total, "nodes": [{"actor": actor} for actor in actors]}


def classic(protection: Any = None, *, archived: bool = False, may_force_push: Any = None) -> BranchProtection:
    """Classic protection of the default branch; nobody may force push where nothing else is said."""
    values: dict[str, Any] = {"full_name": "acme/api", "branch": "main", "archived": archived}
    asked = force_pushers() if protection is not None and may_force_push is None else may_force_push
    return view(BranchProtection, **values, protection=protection, force_push_allowances=asked)


UNREAD = decode(
    BranchProtection,
    b'{"body":{"archived":false,"branch":"main","full_name":"acme/api"}}',
    unread={"protection": "it was refused"},
)
CLASSIC = {
    "enforce_admins": {"enabled": True},
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": True,
        "require_code_owner_reviews": True,
        "required_approving_review_count": 1,
    },
    "required_status_checks": {"contexts": ["test"]},
    "required_signatures": {"enabled": True},
}
NEEDED: list[tuple[Check[...], list[dict[str, Any]]]] = [
    (branch_checks.branch_protected, [a_rule("pull_request", PULL_REQUEST), a_rule("non_fast_forward")]),
    (branch_checks.review_required, [a_rule("pull_request", PULL_REQUEST)]),
    (branch_checks.stale_dismissed, [a_rule("pull_request", PULL_REQUEST)]),
    (branch_checks.no_rewriting, [a_rule("non_fast_forward"), a_rule("deletion")]),
    (
        branch_checks.checks_required,
        [a_rule("required_status_checks", {"required_status_checks": [{"context": "test"}]})],
    ),
    (branch_checks.signed, [a_rule("required_signatures")]),
]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"dismiss_stale_reviews_on_push": True, "required_approving_review_count": 0}, FAIL),
        ({"require_last_push_approval": True, "required_approving_review_count": 0}, FAIL),
        ({"dismiss_stale_reviews_on_push": True, "required_approving_review_count": 1}, PASS),
        (
            {
                "dismiss_stale_reviews_on_push": True,
                "required_approving_review_count": 0,
                "require_code_owner_review": True,
            },
            PASS,
        ),
    ],
)
def test_where_no_approval_is_needed_none_is_taken_back(parameters: dict[str, Any], expected: Status) -> None:
    """A ruleset may dismiss stale approvals and demand none ("Available rules for rulesets")."""
    rules = some_rules(a_rule("pull_request", parameters))

    assert status(branch_checks.stale_dismissed, rules, classic()) is expected


@pytest.mark.parametrize(("check", "rules"), NEEDED)
def test_a_demand_may_come_from_rules_or_from_classic_protection(
    check: Check[...], rules: list[dict[str, Any]]
) -> None:
    """Either is enough; what rules demand already needs no look at the other, which may be refused."""
    assert status(check, some_rules(*rules), UNREAD) is PASS
    assert status(check, some_rules(), classic(CLASSIC)) is PASS
    assert status(check, some_rules(), classic()) is FAIL
    assert status(check, some_rules(), UNREAD) is UNKNOWN
    assert status(check, some_rules(*rules[1:]), UNREAD) is UNKNOWN
    assert status(check, unread(BranchRules), classic(CLASSIC)) is UNKNOWN
    assert status(check, some_rules(archived=True), UNREAD) is NOTHING


@pytest.mark.parametrize(("needed", "expected"), [(1, PASS), (2, PASS), (3, FAIL)])
def test_so_many_approvals_are_needed(needed: int, expected: Status) -> None:
    """Rules ask for two, classic protection for one."""
    rules = some_rules(a_rule("pull_request", PULL_REQUEST))

    assert status(branch_checks.review_required, rules, classic(CLASSIC), min_reviews=needed) is expected


ADMINS_OUT = CLASSIC | {"enforce_admins": {"enabled": False}}
TEAM = [{"actor_type": "Team", "actor_id": 3, "bypass_mode": "always"}]
PULLS = a_rule("pull_request", PULL_REQUEST)
CHECKS = a_rule("required_status_checks", {"required_status_checks": [{"context": "test"}]})
EVERYTHING = [PULLS, a_rule("non_fast_forward"), a_rule("deletion"), CHECKS, a_rule("required_signatures")]


@pytest.mark.parametrize(
    ("protection", "rules", "allowed", "expected"),
    [
        (classic(CLASSIC), some_rules(), (), PASS),
        (classic(ADMINS_OUT), some_rules(), (), FAIL),
        (classic(ADMINS_OUT), some_rules(), ("repository administrators",), PASS),
        (classic(), some_rules(), (), FAIL),
        (UNREAD, some_rules(PULLS), (), UNKNOWN),
        (UNREAD, some_rules(*EVERYTHING), (), PASS),
        (classic(), some_rules(PULLS, rulesets=[a_ruleset(bypass_actors=TEAM)]), (), FAIL),
        (classic(), some_rules(PULLS, rulesets=[a_ruleset(bypass_actors=TEAM)]), ("team 3",), PASS),
        (classic(ADMINS_OUT), some_rules(PULLS), (), FAIL),
        (classic(ADMINS_OUT), some_rules(*EVERYTHING), (), PASS),
        (classic(CLASSIC), some_rules(PULLS, rulesets=[a_ruleset(bypass_actors=TEAM)]), (), PASS),
        (classic(ADMINS_OUT), some_rules(*EVERYTHING, rulesets=[a_ruleset(bypass_actors=TEAM)]), (), UNKNOWN),
        (classic(), some_rules(PULLS, rulesets=[a_ruleset(bypass_actors=None)]), (), UNKNOWN),
        (UNREAD, some_rules(PULLS, rulesets=[a_ruleset(bypass_actors=TEAM)]), (), UNKNOWN),
        (UNREAD, some_rules(), (), UNKNOWN),
        (classic(CLASSIC), unread(BranchRules), (), UNKNOWN),
        (classic(archived=True), some_rules(), (), NOTHING),
    ],
)
def test_nobody_is_exempt(
    protection: BranchProtection, rules: BranchRules, allowed: tuple[str, ...], expected: Status
) -> None:
    """Who may bypass one source is still bound by the other; hidden actors leave it open."""
    assert status(branch_checks.not_exempt, protection, rules, allowed_bypass_actors=allowed) is expected


BOT = {"__typename": "App", "slug": "release-bot"}
FORCE = a_rule("non_fast_forward")


@pytest.mark.parametrize(
    ("rules", "actors", "rewriting", "exempt"),
    [
        ((), force_pushers(), PASS, PASS),
        ((), force_pushers(BOT), FAIL, FAIL),
        ((), force_pushers({"__typename": "Team", "slug": "core"}, BOT), FAIL, FAIL),
        ((), force_pushers(None), FAIL, FAIL),
        ((), force_pushers(BOT, total=101), FAIL, FAIL),
        ((FORCE,), force_pushers(BOT), PASS, PASS),
    ],
)
def test_who_may_force_push_under_classic_protection_is_seen(
    rules: tuple[dict[str, Any], ...], actors: dict[str, Any], rewriting: Status, exempt: Status
) -> None:
    """The REST answer says that force pushes are off where some may; a ruleset that blocks them binds those too."""
    protection = classic(CLASSIC, may_force_push=actors)

    assert status(branch_checks.no_rewriting, some_rules(*rules), protection) is rewriting
    assert status(branch_checks.branch_protected, some_rules(*rules), protection) is rewriting
    assert status(branch_checks.not_exempt, protection, some_rules(*rules)) is exempt


def test_who_may_force_push_may_be_allowed_by_the_company() -> None:
    """An actor that the company names is no exemption; another one beside it is."""
    both = classic(CLASSIC, may_force_push=force_pushers(BOT, {"__typename": "User", "login": "ann"}))
    bot = classic(CLASSIC, may_force_push=force_pushers(BOT))

    assert status(branch_checks.not_exempt, bot, some_rules(), allowed_bypass_actors=("app release-bot",)) is PASS
    assert status(branch_checks.not_exempt, both, some_rules(), allowed_bypass_actors=("app release-bot",)) is FAIL


@pytest.mark.parametrize("check", [branch_checks.no_rewriting, branch_checks.branch_protected])
def test_evidence_from_before_it_was_asked_who_may_force_push_passes_nothing(check: Check[...]) -> None:
    """A stored body has no such key."""
    body: dict[str, Any] = {"full_name": "acme/api", "branch": "main", "archived": False, "protection": CLASSIC}
    stored = view(BranchProtection, **body)
    refused = decode(
        BranchProtection,
        encode({"body": body}),
        unread={"force_push_allowances": "it was refused"},
    )

    assert status(check, some_rules(), stored) is UNKNOWN
    assert status(branch_checks.not_exempt, stored, some_rules()) is UNKNOWN
    assert status(check, some_rules(), refused) is UNKNOWN
    assert status(branch_checks.not_exempt, refused, some_rules()) is UNKNOWN


def some_files(*paths: str, **but: Any) -> community_files.CommunityFiles:
    """The files of a repository."""
    values: dict[str, Any] = {
        "full_name": "acme/api",
        "private": False,
        "archived": False,
        "files": [{"path": path, "sha": SHA} for path in paths],
        "private_vulnerability_reporting": {"enabled": False},
        "code_owners": {"path": paths[0], "lines_with_owner": 1, "errors": [], "owns_every_file": True}
        if paths
        else None,
    }
    return view(community_files.CommunityFiles, **(values | but))


@pytest.mark.parametrize(
    ("evidence", "rules", "expected"),
    [
        (some_files("docs/CODEOWNERS"), some_rules(PULLS), PASS),
        (some_files("CODEOWNERS"), some_rules(), FAIL),
        (some_files(), some_rules(PULLS), FAIL),
        (some_files(files=None), some_rules(PULLS), NOTHING),
        (some_files(archived=True), some_rules(PULLS), NOTHING),
        (unread(community_files.CommunityFiles), some_rules(PULLS), UNKNOWN),
        (some_files("CODEOWNERS"), unread(BranchRules), UNKNOWN),
    ],
)
def test_code_owners_review(evidence: community_files.CommunityFiles, rules: BranchRules, expected: Status) -> None:
    """A file that nobody heeds is no review, and neither is a rule without a file."""
    assert status(branch_checks.codeowners_review, evidence, rules, classic()) is expected


DEFAULTS = view(community_files.OrganizationFiles, login="acme", files=[{"path": "SECURITY.md", "sha": SHA}])
NO_DEFAULTS = view(community_files.OrganizationFiles, login="acme", files=None)
UNREAD_DEFAULTS = unread(community_files.OrganizationFiles)


@pytest.mark.parametrize(
    ("evidence", "defaults", "expected"),
    [
        (some_files(".github/SECURITY.md"), UNREAD_DEFAULTS, PASS),
        (some_files(private_vulnerability_reporting={"enabled": True}), UNREAD_DEFAULTS, PASS),
        (some_files(), DEFAULTS, PASS),
        (some_files(), NO_DEFAULTS, FAIL),
        (some_files(), UNREAD_DEFAULTS, UNKNOWN),
        (some_files(private=True), UNREAD_DEFAULTS, NOTHING),
        (unread(community_files.CommunityFiles), DEFAULTS, UNKNOWN),
    ],
)
def test_there_is_a_security_policy(
    evidence: community_files.CommunityFiles, defaults: community_files.OrganizationFiles, expected: Status
) -> None:
    """The organization's file stands in only where the repository has none."""
    assert status(community_files.security_policy, evidence, defaults) is expected


@pytest.mark.parametrize(("alerts", "expected"), [({"enabled": True}, PASS), (None, FAIL)])
def test_dependency_alerts_are_on(alerts: Any, expected: Status) -> None:
    """Null is GitHub's own word that they are off."""
    values = {"full_name": "acme/api", "archived": False, "alerts": alerts, "security_fixes": {"enabled": True}}
    evidence = view(dependabot.VulnerabilityAlerts, **values)
    archived = view(dependabot.VulnerabilityAlerts, **(values | {"archived": True}))

    assert status(dependabot.alerts_enabled, evidence) is expected
    assert status(dependabot.alerts_enabled, archived) is NOTHING
    assert status(dependabot.alerts_enabled, unread(dependabot.VulnerabilityAlerts)) is UNKNOWN


def _alert(severity: str, days: float, state: str = "open") -> dependabot.DependabotAlert:
    return view(
        dependabot.DependabotAlert,
        number=1,
        state=state,
        created_at=ago(days),
        security_vulnerability={"severity": severity},
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (CompleteSet(), PASS),
        (CompleteSet(_alert("critical", 7)), PASS),
        (CompleteSet(_alert("critical", 7.1)), FAIL),
        (CompleteSet(_alert("high", 30)), PASS),
        (CompleteSet(_alert("high", 30.1)), FAIL),
        (CompleteSet(_alert("medium", 90)), PASS),
        (CompleteSet(_alert("medium", 90.1)), FAIL),
        (CompleteSet(_alert("low", 999)), PASS),
        (CompleteSet(_alert("critical", 99, "fixed")), PASS),
        (CompleteSet(_alert("low", 1), _alert("critical", 99)), FAIL),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_dependency_alerts_are_dealt_with_in_time(evidence: CompleteSet, expected: Status) -> None:
    """Each severity has its own time."""
    assert status(dependabot.alerts_in_time, evidence) is expected


def test_the_latest_alerts_are_named_first() -> None:
    """A line has room for a few; those furthest past their limit matter most."""
    reason = verdict(
        dependabot.alerts_in_time, CompleteSet(*(_alert("critical", days) for days in (8, 100, 9, 10, 11, 12, 13)))
    ).reason

    ages = [int(days) for days in re.findall(r"(\d+) days old", reason)]
    assert ages == [100, 13, 12, 11, 10]
    assert re.findall(r"\d+", reason)[:2] == ["7", "7"]
    assert re.findall(r"\d+", reason)[-1] == "2"


@pytest.mark.parametrize(("latest", "expected"), [([ago(30)], PASS), ([ago(30.1)], FAIL), ([], FAIL), (None, FAIL)])
def test_code_scanning_ran(latest: list[str] | None, expected: Status) -> None:
    """No analysis by GitHub's own word is a failure, no answer is not."""
    ran = {"tool": {"name": "CodeQL"}, "error": ""}
    runs = None if latest is None else [{"created_at": moment, **ran} for moment in latest]
    evidence = view(scanning.CodeScanning, full_name="acme/api", archived=False, latest=runs)
    archived = view(scanning.CodeScanning, full_name="acme/api", archived=True, latest=runs)

    assert status(scanning.scanning_active, evidence) is expected
    assert status(scanning.scanning_active, archived) is NOTHING
    assert status(scanning.scanning_active, unread(scanning.CodeScanning)) is UNKNOWN


def _finding(severity: str | None, days: float, state: str = "open", *tags: str) -> scanning.CodeScanningAlert:
    rule = {"security_severity_level": severity, "tags": tags}
    return view(scanning.CodeScanningAlert, number=1, state=state, created_at=ago(days), rule=rule)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (CompleteSet(), PASS),
        (CompleteSet(_finding("critical", 14)), PASS),
        (CompleteSet(_finding("critical", 14.1)), FAIL),
        (CompleteSet(_finding("high", 30)), PASS),
        (CompleteSet(_finding("high", 30.1)), FAIL),
        (CompleteSet(_finding(None, 999)), PASS),
        (CompleteSet(_finding("critical", 99, "dismissed")), PASS),
        # "SARIF support for code scanning": a tool tags what is about security, and may leave out security-severity
        (CompleteSet(_finding(None, 14, "open", "correctness", "security")), PASS),
        (CompleteSet(_finding(None, 14.1, "open", "security")), UNKNOWN),
        (CompleteSet(_finding(None, 99, "fixed", "security")), PASS),
        (CompleteSet(_finding("low", 99, "open", "security")), PASS),
        (CompleteSet(_finding(None, 99, "open", "security"), _finding("high", 99)), FAIL),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_findings_of_scanners_are_dealt_with_in_time(evidence: CompleteSet, expected: Status) -> None:
    """A finding that is not about security has no limit; of one that is, the severity has to be known."""
    assert status(scanning.code_alerts_in_time, evidence) is expected


def _leak(days: float, state: str = "open") -> scanning.SecretScanningAlert:
    return view(
        scanning.SecretScanningAlert, number=1, state=state, secret_type_display_name="A key", created_at=ago(days)
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (CompleteSet(), PASS),
        (CompleteSet(_leak(3)), PASS),
        (CompleteSet(_leak(3.1)), FAIL),
        (CompleteSet(_leak(99, "resolved")), PASS),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_leaked_secrets_are_dealt_with_in_time(evidence: CompleteSet, expected: Status) -> None:
    """Three days by default, whatever kind it is."""
    assert status(scanning.secrets_resolved, evidence, CompleteSet()) is expected


def _person(number: int, *, admin: bool) -> repository_access.Collaborator:
    return view(repository_access.Collaborator, login=f"p{number}", role_name="x", permissions={"admin": admin})


@pytest.mark.parametrize(("admins", "expected"), [(0, UNKNOWN), (1, PASS), (5, PASS), (6, FAIL)])
def test_few_people_administer_a_repository(admins: int, expected: Status) -> None:
    """People without the right do not count; nobody at all is nobody that was shown."""
    people = [_person(number, admin=number < admins) for number in range(12)]

    assert status(repository_access.admin_count, CompleteSet(*people)) is expected
    assert status(repository_access.admin_count, UnreadSet()) is UNKNOWN


def a_key(**but: Any) -> deploy_keys.DeployKey:
    """A key as it should be."""
    values = {"id": 4, "title": "ci", "read_only": True, "created_at": ago(900), "last_used": ago(1)}
    return view(deploy_keys.DeployKey, **(values | but))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (a_key(), PASS),
        (a_key(read_only=False), FAIL),
        (a_key(last_used=ago(90)), PASS),
        (a_key(last_used=ago(90.1)), FAIL),
        (a_key(last_used=None), FAIL),
        (a_key(last_used=None, created_at=ago(1)), PASS),
        (a_key(read_only=False, enabled=False), NOTHING),
    ],
)
def test_deploy_keys_read_and_are_used(key: deploy_keys.DeployKey, expected: Status) -> None:
    """A key that was never used is as old as itself."""
    assert status(deploy_keys.read_only_and_used, key) is expected


def test_a_key_may_be_allowed_to_write() -> None:
    """Where writing is meant, somebody has said so."""
    assert status(deploy_keys.read_only_and_used, a_key(read_only=False), allowed_to_write=("4",)) is PASS


def test_a_key_of_which_the_last_use_is_not_kept_any_more_is_unknown() -> None:
    """It would count as unused since it was made; that it can write is known without."""
    stored = {"id": 4, "title": "deploy", "read_only": True, "enabled": True, "created_at": ago(400)}
    gone = {"last_used": "these facts are not kept any more"}
    key, writing = (
        decode(deploy_keys.DeployKey, encode({"body": {**stored, "read_only": read_only}}), None, gone)
        for read_only in (True, False)
    )

    assert status(deploy_keys.read_only_and_used, key) is UNKNOWN
    assert status(deploy_keys.read_only_and_used, writing) is FAIL


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (environments.production_protected, environments.Environment),
        (environments.production_branches_limited, environments.Environment),
        (repository_settings.visibility, repository_settings.Repository),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], kind: type[Any]) -> None:
    """Evidence that was erased, or is not as GitHub describes it, decides nothing."""
    assert status(check, unread(kind)) is UNKNOWN


def an_environment(name: str = "production", **rule: Any) -> environments.Environment:
    """An environment with one rule."""
    values = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "User"}]}
    return view(
        environments.Environment,
        name=name,
        protection_rules=[values | rule],
        deployment_branch_policy={"protected_branches": True, "custom_branch_policies": False},
        can_admins_bypass=False,
        deployable={"protected": [{"name": "main"}]},
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (an_environment(), PASS),
        (an_environment("Prod-eu"), PASS),
        (an_environment("staging"), NOTHING),
        (an_environment(prevent_self_review=False), FAIL),
        (an_environment(reviewers=[]), FAIL),
        (an_environment(type="wait_timer"), FAIL),
        (view(environments.Environment, name="production"), FAIL),
    ],
)
def test_a_release_needs_somebody_elses_approval(environment: environments.Environment, expected: Status) -> None:
    """Reviewers who may approve themselves are none."""
    assert status(environments.production_protected, environment) is expected
