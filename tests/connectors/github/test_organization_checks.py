"""Checks of the organization: the edge on both sides, none at all, and not read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.github.actions import secrets
from connectors.github.actions import settings as actions_settings
from connectors.github.organization import apps_and_tokens, audit_log, members, security_configurations, single_sign_on
from connectors.github.organization import settings as organization_settings
from connectors.github.repository import webhooks
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    TODAY,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
    view,
)


def an_organization(**but: Any) -> organization_settings.Organization:
    """The organization with its settings."""
    return view(organization_settings.Organization, login="acme", **but)


@pytest.mark.parametrize(
    ("check", "field", "bad", "good"),
    [
        (organization_settings.two_factor_required, "two_factor_requirement_enabled", False, True),
        (organization_settings.default_permission, "default_repository_permission", "write", "read"),
        (organization_settings.default_permission, "default_repository_permission", "admin", "none"),
        (organization_settings.public_creation, "members_can_create_public_repositories", True, False),
        (organization_settings.private_forking, "members_can_fork_private_repositories", True, False),
    ],
)
def test_a_setting_passes_fails_or_is_not_shown(check: Check[...], field: str, bad: Any, good: Any) -> None:
    """GitHub leaves a field out for whoever may not see it; that is neither on nor off."""
    assert status(check, an_organization(**{field: good})) is PASS
    assert status(check, an_organization(**{field: bad})) is FAIL
    assert status(check, an_organization(**{field: None})) is UNKNOWN
    assert status(check, an_organization()) is UNKNOWN
    assert status(check, unread(organization_settings.Organization)) is UNKNOWN


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (apps_and_tokens.apps_approved, apps_and_tokens.Installation),
        (apps_and_tokens.tokens_expire, apps_and_tokens.FineGrainedToken),
        (members.collaborators_reviewed, members.OutsideCollaborator),
        (members.invitations_not_stale, members.Invitation),
        (webhooks.webhooks_secure, webhooks.OrganizationWebhook),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], kind: type[Any]) -> None:
    """Evidence that was erased, or is not as GitHub describes it, decides nothing."""
    assert status(check, unread(kind)) is UNKNOWN


@pytest.mark.parametrize(
    ("deletes", "shows", "expected"),
    [
        (False, False, PASS),
        (True, False, FAIL),
        (False, True, FAIL),
        (None, True, FAIL),
        (None, False, UNKNOWN),
        (False, None, UNKNOWN),
        (None, None, UNKNOWN),
    ],
)
def test_of_two_settings_one_that_fails_is_enough(deletes: bool | None, shows: bool | None, expected: Status) -> None:
    """What is known to be wrong is not hidden by what is not shown."""
    org = an_organization(members_can_delete_repositories=deletes, members_can_change_repo_visibility=shows)

    assert status(organization_settings.admin_actions, org) is expected


@pytest.mark.parametrize(
    ("allowed", "expected"), [(("none",), FAIL), (("none", "read"), PASS), (("read",), PASS), ((), FAIL)]
)
def test_the_permissions_allowed_are_the_operators(allowed: tuple[str, ...], expected: Status) -> None:
    """A stricter policy is a limit, not another check."""
    org = an_organization(default_repository_permission="read")

    assert status(organization_settings.default_permission, org, allowed=allowed) is expected


def test_single_sign_on() -> None:
    """No provider of its own may mean one of the enterprise's: that is not known, and no failure."""
    check = single_sign_on.single_sign_on
    alone = view(single_sign_on.SamlSettings, login="acme", provider=None)

    assert status(check, alone, UnreadSet(), UnreadSet()) is UNKNOWN
    assert status(check, unread(single_sign_on.SamlSettings), CompleteSet(), CompleteSet()) is UNKNOWN


def _linked(login: str | None) -> single_sign_on.SamlIdentity:
    return view(single_sign_on.SamlIdentity, guid="g", user=None if login is None else {"login": login})


@pytest.mark.parametrize(
    ("people", "identities", "expected"),
    [
        (["ann", "Bob"], CompleteSet(_linked("Ann"), _linked("bob"), _linked(None)), PASS),
        (["ann", "bob"], CompleteSet(_linked("ann"), _linked(None)), FAIL),
        (["ann"], CompleteSet(), FAIL),
        (["ann"], UnreadSet(), UNKNOWN),
        (None, CompleteSet(_linked("ann")), UNKNOWN),
    ],
)
def test_a_provider_that_is_not_required_signs_nobody_in(
    people: list[str] | None, identities: CompleteSet, expected: Status
) -> None:
    """Where it is required, GitHub removes members without an identity ("Enforcing SAML single sign-on")."""
    settings = view(
        single_sign_on.SamlSettings, login="acme", provider={"issuer": "https://idp.example", "ssoUrl": None}
    )
    listed = [view(members.Member, login=login, role="member", last_events=()) for login in people or ()]
    everybody = UnreadSet() if people is None else CompleteSet(*listed)

    assert status(single_sign_on.single_sign_on, settings, everybody, identities) is expected


def _missing(login: str) -> members.WithoutSecondFactor:
    return view(members.WithoutSecondFactor, login=login, affiliation="member")


@pytest.mark.parametrize(
    ("evidence", "expected"), [(CompleteSet(), PASS), (CompleteSet(_missing("ann")), FAIL), (UnreadSet(), UNKNOWN)]
)
def test_nobody_is_without_a_second_factor(evidence: CompleteSet, expected: Status) -> None:
    """Only a complete list that is empty passes."""
    assert status(members.everyone_has_two_factor, evidence) is expected


def test_people_without_a_second_factor_are_named() -> None:
    """Somebody has to talk to them."""
    found = verdict(members.everyone_has_two_factor, CompleteSet(_missing("ann")))

    assert re.findall(r"\b(?:ann|member)\b", found.reason) == ["ann", "member"]


@pytest.mark.parametrize(
    ("logins", "expected"),
    [
        (["ann_acme", "bob_acme"], NOTHING),
        (["acme_admin"], NOTHING),
        # Somebody beside them who is not managed is GitHub's to look after.
        (["ann_acme", "eve"], FAIL),
        (["ann-acme"], FAIL),
    ],
)
def test_the_second_factor_of_managed_accounts_is_the_identity_providers(logins: list[str], expected: Status) -> None:
    """GitHub ends the logins of managed users with an underscore and a short code, and allows none elsewhere."""
    missing = CompleteSet(*(_missing(login) for login in logins))

    assert status(members.everyone_has_two_factor, missing) is expected


@pytest.mark.parametrize(
    ("required", "owner", "expected"),
    [
        (False, "ann_acme", NOTHING),
        (None, "ann_acme", NOTHING),
        (True, "ann_acme", PASS),
        (False, "ann", FAIL),
        (None, "ann", UNKNOWN),
        (False, None, FAIL),
    ],
)
def test_an_organization_of_managed_users_cannot_demand_a_second_factor(
    required: bool | None, owner: str | None, expected: Status
) -> None:
    """People sign in at the identity provider; what that demands is other evidence."""
    account = None if owner is None else {"login": owner}
    evidence = an_organization(two_factor_requirement_enabled=required, an_owner=account)

    assert status(organization_settings.two_factor_required, evidence) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"members_can_create_repositories": False}, PASS),
        ({"members_allowed_repository_creation_type": "none"}, PASS),
        ({"members_allowed_repository_creation_type": "private"}, PASS),
        ({"members_allowed_repository_creation_type": "all"}, FAIL),
        # Some kind may be created; which is not said.
        ({"members_can_create_repositories": True}, UNKNOWN),
        ({"members_can_create_repositories": True, "members_allowed_repository_creation_type": "private"}, PASS),
        # What the switch itself says is not overruled.
        ({"members_can_create_repositories": False, "members_can_create_public_repositories": True}, FAIL),
        ({"members_allowed_repository_creation_type": "all", "members_can_create_public_repositories": False}, PASS),
    ],
)
def test_what_members_may_create_is_said_by_several_fields(fields: dict[str, Any], expected: Status) -> None:
    """GitHub leaves one out and sends another."""
    assert status(organization_settings.public_creation, an_organization(**fields)) is expected


def a_member(login: str = "ann", role: str = "admin", *, at: float | None = 1) -> members.Member:
    """Somebody who did something so many days ago."""
    events = [] if at is None else [{"@timestamp": int((TODAY.timestamp() - at * 86_400) * 1000)}]
    return view(members.Member, login=login, role=role, last_events=events)


@pytest.mark.parametrize(("owners", "expected"), [(0, FAIL), (1, FAIL), (2, PASS), (5, PASS), (6, FAIL)])
def test_owners_are_neither_too_few_nor_too_many(owners: int, expected: Status) -> None:
    """One owner is a single point of failure, a dozen are a dozen ways in."""
    people = [a_member(f"o{number}") for number in range(owners)] + [a_member("m", "member")] * 9

    assert status(members.owner_count, CompleteSet(*people)) is expected


def test_owners_that_were_not_listed_are_not_counted() -> None:
    """Part of a list has a number that means nothing."""
    assert status(members.owner_count, UnreadSet()) is UNKNOWN


@pytest.mark.parametrize(("days", "expected"), [(0, PASS), (180, PASS), (180.1, FAIL), (400, FAIL), (None, UNKNOWN)])
def test_members_were_active(days: float | None, expected: Status) -> None:
    """An empty log is a sign, not a proof: GitHub keeps it for half a year only."""
    assert status(members.members_active, a_member(at=days)) is expected


def test_activity_that_was_not_read_is_unknown() -> None:
    """Without the audit log nobody is inactive."""
    assert status(members.members_active, unread(members.Member)) is UNKNOWN


@pytest.mark.parametrize(("approved", "expected"), [((), FAIL), (("eve",), PASS), (("EVE",), PASS), (("ev",), FAIL)])
def test_guests_are_on_the_list(approved: tuple[str, ...], expected: Status) -> None:
    """Logins are the same in capitals and small letters."""
    guest = view(members.OutsideCollaborator, login="eve")

    assert status(members.collaborators_reviewed, guest, approved_collaborators=approved) is expected


@pytest.mark.parametrize(
    ("days", "failed", "expected"), [(14, None, PASS), (14.1, None, FAIL), (100, ago(90), NOTHING), (0, None, PASS)]
)
def test_invitations_do_not_stay_open(days: float, failed: str | None, expected: Status) -> None:
    """An invitation that has ended is no open door."""
    offer = view(members.Invitation, id=1, login=None, created_at=ago(days), failed_at=failed)

    assert status(members.invitations_not_stale, offer) is expected


@pytest.mark.parametrize(
    ("slug", "permissions", "selection", "rights_text"),
    [
        ("ci", {}, "all", None),
        ("other", {}, "all", "not listed"),
        ("other", {"administration": "write"}, "selected", "administer repositories"),
        ("other", {"organization_administration": "write"}, "all", "administer the organization"),
        ("other", {"contents": "write"}, "all", "change the code of every"),
    ],
)
def test_apps_are_approved(slug: str, permissions: dict[str, str], selection: str, rights_text: str | None) -> None:
    """An app nobody approved fails, and the reason says how far its rights go."""
    app = view(
        apps_and_tokens.Installation,
        id=1,
        app_slug=slug,
        repository_selection=selection,
        permissions=permissions,
        suspended_at=None,
    )
    evidence = verdict(apps_and_tokens.apps_approved, app, approved_apps=("ci",))

    assert evidence.status is (PASS if rights_text is None else FAIL)
    assert rights_text is None or rights_text in evidence.reason


def test_a_suspended_app_reaches_nothing() -> None:
    """It cannot get at what the organization owns until that is lifted ("Suspending a GitHub App installation")."""
    app = view(
        apps_and_tokens.Installation,
        id=1,
        app_slug="other",
        repository_selection="all",
        permissions={"administration": "write"},
        suspended_at="2026-01-01T00:00:00Z",
    )

    assert status(apps_and_tokens.apps_approved, app) is PASS


@pytest.mark.parametrize(
    ("expires", "used", "granted", "expired", "expected"),
    [
        (-366, 1, 30, False, PASS),
        (-366.1, 1, 30, False, FAIL),
        (None, 1, 30, False, FAIL),
        (-10, 180, 300, False, PASS),
        (-10, 180.1, 300, False, FAIL),
        (-10, None, 180, False, PASS),
        (-10, None, 181, False, FAIL),
        (None, None, 999, True, PASS),
    ],
)
def test_tokens_expire_and_are_used(
    expires: float | None, used: float | None, granted: float, expired: bool, expected: Status
) -> None:
    """A token that was never used is as old as its grant."""
    token = view(
        apps_and_tokens.FineGrainedToken,
        id=1,
        token_name="deploy",
        access_granted_at=ago(granted),
        token_expired=expired,
        token_expires_at=None if expires is None else ago(expires),
        token_last_used_at=None if used is None else ago(used),
    )

    assert status(apps_and_tokens.tokens_expire, token) is expected


@pytest.mark.parametrize(
    ("permissions", "scopes", "expected"),
    [
        ({"members": "read"}, None, PASS),
        ({"members": "read", "contents": "write"}, None, FAIL),
        ({"members": "admin"}, None, FAIL),
        ({}, None, PASS),
        (None, ["read:org"], PASS),
        (None, [], UNKNOWN),
        (None, ["read:org", "repo"], FAIL),
        (None, ["admin:org"], FAIL),
        (None, None, UNKNOWN),
    ],
)
def test_our_own_credential_only_reads(
    permissions: dict[str, str] | None, scopes: list[str] | None, expected: Status
) -> None:
    """Who collects evidence must not be able to make it; a fine-grained token says nothing of itself."""
    own = view(apps_and_tokens.OwnAccess, credential="x", permissions=permissions, scopes=scopes)

    assert status(apps_and_tokens.read_only, own) is expected


@pytest.mark.parametrize(
    ("active", "target", "config", "expected"),
    [
        (True, "https://a.example", {"insecure_ssl": "0", "secret": "****"}, PASS),
        (True, "https://a.example", {"insecure_ssl": 0, "secret": "****"}, PASS),
        (True, "http://a.example", {"insecure_ssl": "0", "secret": "****"}, FAIL),
        (True, "https://a.example", {"insecure_ssl": "1", "secret": "****"}, FAIL),
        (True, "https://a.example", {"insecure_ssl": 1, "secret": "****"}, FAIL),
        (True, "https://a.example", {"insecure_ssl": "0"}, FAIL),
        (False, "http://a.example", {}, NOTHING),
    ],
)
def test_webhooks_are_signed_and_verified(active: bool, target: str, config: dict[str, Any], expected: Status) -> None:
    """One that is off sends nothing."""
    hook = view(webhooks.OrganizationWebhook, id=1, active=active, target=target, config=config)

    assert status(webhooks.webhooks_secure, hook) is expected

    single = view(webhooks.RepositoryWebhook, id=1, active=active, target=target, config=config)
    assert status(webhooks.repository_webhooks_secure, single) is expected


def some_actions(**but: Any) -> actions_settings.OrganizationActions:
    """What workflows may do, as it should be."""
    values = {
        "enabled_repositories": "all",
        "allowed_actions": "local_only",
        "workflow": {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False},
        "selected_actions": None,
    }
    return view(actions_settings.OrganizationActions, **(values | but))


def _selection(*patterns: str) -> dict[str, Any]:
    return {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": list(patterns)}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"allowed_actions": "all"}, FAIL),
        ({"allowed_actions": None}, FAIL),
        ({"enabled_repositories": "none", "allowed_actions": "all"}, NOTHING),
        ({"allowed_actions": "selected", "selected_actions": _selection()}, PASS),
        ({"allowed_actions": "selected", "selected_actions": _selection("acme/*")}, PASS),
        ({"allowed_actions": "selected", "selected_actions": _selection("acme/*", "*")}, FAIL),
    ],
)
def test_only_approved_actions_run(but: dict[str, Any], expected: Status) -> None:
    """A selection with a star in it is no selection."""
    assert status(actions_settings.actions_restricted, some_actions(**but)) is expected


@pytest.mark.parametrize(
    "check", [actions_settings.actions_restricted, actions_settings.token_read_only, actions_settings.cannot_approve]
)
def test_actions_that_were_not_read_are_unknown(check: Check[...]) -> None:
    """A refusal is no permission."""
    assert status(check, unread(actions_settings.OrganizationActions)) is UNKNOWN


@pytest.mark.parametrize(
    ("token", "approves", "expected"), [("read", False, (PASS, PASS)), ("write", True, (FAIL, FAIL))]
)
def test_the_token_of_a_workflow(token: str, approves: bool, expected: tuple[Status, Status]) -> None:
    """Two settings of one answer."""
    evidence = some_actions(
        workflow={"default_workflow_permissions": token, "can_approve_pull_request_reviews": approves}
    )

    assert (
        status(actions_settings.token_read_only, evidence),
        status(actions_settings.cannot_approve, evidence),
    ) == expected


def _secret(of: Any, days: float) -> Any:
    return view(of, name="TOKEN", updated_at=ago(days))


@pytest.mark.parametrize(
    ("shared", "single", "expected"),
    [
        ((365,), (365,), PASS),
        ((366,), (), FAIL),
        ((), (366,), FAIL),
        ((), (), NOTHING),
        ((1,), (), PASS),
        ((366,), None, FAIL),
        ((1,), None, UNKNOWN),
        (None, (366,), UNKNOWN),
    ],
)
def test_secrets_are_set_anew(
    shared: tuple[float, ...] | None, single: tuple[float, ...] | None, expected: Status
) -> None:
    """An old one of the organization fails, whether or not those of every repository were seen."""
    ours = (
        UnreadSet() if shared is None else CompleteSet(*(_secret(secrets.OrganizationSecret, days) for days in shared))
    )
    theirs = (
        UnreadSet() if single is None else CompleteSet(*(_secret(secrets.RepositorySecret, days) for days in single))
    )

    assert status(secrets.secrets_rotated, ours, theirs) is expected


STREAM = view(audit_log.AuditStream, id=1, stream_type="S3", enabled=True)
NO_STREAM = view(audit_log.AuditStream, id=1, stream_type="S3", enabled=False)


@pytest.mark.parametrize(
    ("events", "streams", "limits", "expected"),
    [
        (CompleteSet(), UnreadSet(), {}, PASS),
        (UnreadSet(), CompleteSet(STREAM), {}, UNKNOWN),
        (CompleteSet(), CompleteSet(STREAM), {"max_gap": "3d"}, PASS),
        (CompleteSet(), CompleteSet(NO_STREAM), {"max_gap": "3d"}, FAIL),
        (CompleteSet(), CompleteSet(), {"max_gap": "3d"}, FAIL),
        (CompleteSet(), UnreadSet(), {"max_gap": "3d"}, UNKNOWN),
    ],
)
def test_the_audit_log_is_kept_elsewhere(
    events: CompleteSet, streams: CompleteSet, limits: dict[str, str], expected: Status
) -> None:
    """Our own record is a copy too, as long as it was read in time."""
    assert status(audit_log.audit_log_streamed, events, streams, **limits) is expected


ON = {"dependabot_alerts": "enabled", "secret_scanning": "enabled", "secret_scanning_push_protection": "enabled"}


def a_default(which: str, **but: str) -> security_configurations.DefaultConfiguration:
    """What new repositories are given."""
    return view(security_configurations.DefaultConfiguration, default_for_new_repos=which, configuration={**ON, **but})


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [
        (CompleteSet(a_default("all")), PASS),
        (CompleteSet(a_default("public"), a_default("private_and_internal")), PASS),
        (CompleteSet(a_default("public")), FAIL),
        (CompleteSet(a_default("all", secret_scanning="disabled")), FAIL),
        (CompleteSet(a_default("all", secret_scanning_push_protection="not_set")), FAIL),
        (CompleteSet(a_default("all", dependabot_alerts="disabled")), FAIL),
        (CompleteSet(), FAIL),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_new_repositories_are_given_what_they_need(defaults: CompleteSet, expected: Status) -> None:
    """A default for public ones leaves the private ones without."""
    assert status(security_configurations.security_defaults, defaults) is expected
