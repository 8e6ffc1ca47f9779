"""Checks of the group and the instance: who gets in, with which factor, for how long."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import Unread
from connectors._http.webhook_targets import ODD, webhook_target
from connectors.gitlab.group import people, settings, tokens, webhooks
from connectors.gitlab.instance import settings as instance
from connectors.gitlab.instance import token as own
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, UnreadSet, status, unread, view


def a_group(**but: Any) -> settings.Group:
    """The group acme, on a GitLab of its own that asks for no second factor."""
    free = {"require_two_factor_authentication": False, "two_factor_grace_period": 48}
    own_settings = {
        "full_path": "acme", "require_two_factor_authentication": True, "two_factor_grace_period": 48,
        "shared_with_groups": [], "prevent_forking_outside_group": True, "instance": free,
    }  # fmt: skip
    return view(settings.Group, **(own_settings | but))


def demanding(*, required: bool = True, hours: int = 24) -> dict[str, Any]:
    """What an instance asks for."""
    return {"require_two_factor_authentication": required, "two_factor_grace_period": hours}


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (a_group(), PASS),
        (a_group(two_factor_grace_period=0), PASS),
        (a_group(two_factor_grace_period=49), FAIL),
        (a_group(require_two_factor_authentication=False), FAIL),
        (a_group(require_two_factor_authentication=False, instance=None), FAIL),
        (a_group(require_two_factor_authentication=False, instance=demanding()), PASS),
        (a_group(require_two_factor_authentication=False, instance=demanding(hours=49)), FAIL),
        (a_group(two_factor_grace_period=49, instance=demanding()), PASS),
        (a_group(two_factor_grace_period=49, instance=demanding(hours=49)), FAIL),
        (unread(settings.Group), UNKNOWN),
    ],
)
def test_a_second_factor_is_required_by_group_or_instance(group: settings.Group, expected: Status) -> None:
    """What the instance requires of everybody binds the group too."""
    assert status(settings.two_factor_required, group) is expected


@pytest.mark.parametrize(("said", "expected"), [(True, PASS), (False, FAIL), (None, UNKNOWN)])
def test_forking_outside(said: bool | None, expected: Status) -> None:
    """A setting that the plan leaves out is not one that is off."""
    assert status(settings.external_forking_prevented, a_group(prevent_forking_outside_group=said)) is expected


def an_instance(**but: Any) -> instance.InstanceSettings:
    """An instance with everything in order."""
    good = {
        "signup_enabled": False, "require_admin_approval_after_user_signup": False,
        "require_two_factor_authentication": True, "two_factor_grace_period": 48,
        "default_project_visibility": "private", "default_group_visibility": "private",
        "restricted_visibility_levels": ["public"],
    }  # fmt: skip
    return view(instance.InstanceSettings, **(good | but))


@pytest.mark.parametrize(
    ("settings_of", "expected"),
    [
        (an_instance(), PASS),
        (an_instance(two_factor_grace_period=49), FAIL),
        (an_instance(require_two_factor_authentication=False), FAIL),
        (unread(instance.InstanceSettings), UNKNOWN),
    ],
)
def test_the_instance_requires_a_second_factor(settings_of: instance.InstanceSettings, expected: Status) -> None:
    """With the time to set it up within the limit."""
    assert status(instance.two_factor_required, settings_of) is expected


@pytest.mark.parametrize(
    ("settings_of", "expected"),
    [
        (an_instance(), PASS),
        (an_instance(signup_enabled=True), FAIL),
        (an_instance(signup_enabled=True, require_admin_approval_after_user_signup=True), PASS),
        (unread(instance.InstanceSettings), UNKNOWN),
    ],
)
def test_sign_up(settings_of: instance.InstanceSettings, expected: Status) -> None:
    """Off, or approved one by one."""
    assert status(instance.signup_restricted, settings_of) is expected


@pytest.mark.parametrize(
    ("settings_of", "expected"),
    [
        (an_instance(), PASS),
        (an_instance(default_project_visibility="internal"), FAIL),
        (an_instance(default_group_visibility="public"), FAIL),
        (an_instance(restricted_visibility_levels=[]), FAIL),
        (an_instance(restricted_visibility_levels=["internal", "public"]), PASS),
        (unread(instance.InstanceSettings), UNKNOWN),
    ],
)
def test_default_visibility(settings_of: instance.InstanceSettings, expected: Status) -> None:
    """Stricter than asked for passes too."""
    assert status(instance.default_visibility, settings_of) is expected


def a_token_of_ours(*scopes: str) -> own.OwnToken:
    """The token of the source."""
    return view(own.OwnToken, name="evidence", scopes=scopes, expires_at=None)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (a_token_of_ours("read_api"), PASS),
        (a_token_of_ours("read_api", "admin_mode"), PASS),
        (a_token_of_ours("api"), FAIL),
        (a_token_of_ours("read_api", "write_repository"), FAIL),
        (a_token_of_ours("read_api", "read_something_new"), UNKNOWN),
        (a_token_of_ours("granular"), UNKNOWN),
        (a_token_of_ours(), UNKNOWN),
        (unread(own.OwnToken), UNKNOWN),
    ],
)
def test_our_own_token_only_reads(token: own.OwnToken, expected: Status) -> None:
    """A scope that nobody here knows is not one that reads."""
    assert status(own.read_only, token) is expected


def a_member(name: str = "ann", level: int = 50, state: str = "active", number: int = 1) -> people.Member:
    """A member."""
    return view(people.Member, id=number, username=name, state=state, access_level=level, expires_at=None)


SHARED = [{"group_full_path": "vendor", "group_access_level": 50}]


@pytest.mark.parametrize(
    ("members", "group", "expected"),
    [
        (CompleteSet(a_member("ann"), a_member("bob")), a_group(), PASS),
        (CompleteSet(a_member("ann")), a_group(), FAIL),
        (CompleteSet(a_member("ann"), a_member("bob", 40)), a_group(), FAIL),
        (CompleteSet(a_member("ann"), a_member("bob", state="blocked")), a_group(), FAIL),
        (CompleteSet(*(a_member(f"o{number}") for number in range(5))), a_group(), PASS),
        (CompleteSet(*(a_member(f"o{number}") for number in range(6))), a_group(), FAIL),
        (CompleteSet(a_member("ann"), a_member("bob")), a_group(shared_with_groups=SHARED), UNKNOWN),
        (CompleteSet(*(a_member(f"o{number}") for number in range(6))), a_group(shared_with_groups=SHARED), FAIL),
        (UnreadSet(), a_group(), UNKNOWN),
    ],
)
def test_the_number_of_owners(members: Any, group: settings.Group, expected: Status) -> None:
    """Owners of an invited group may not all be shown: only what is seen beyond the limit is certain."""
    assert status(people.owner_count, members, CompleteSet(), group) is expected


def a_billed(**but: Any) -> people.BillableMember:
    """A person with a seat."""
    good = {
        "username": "ann", "state": "active", "created_at": "2025-01-01T00:00:00Z", "last_activity_on": "2026-02-27",
        "last_login_at": None, "two_factor": {"enabled": True, "listed_in": "enterprise users"},
    }  # fmt: skip
    return view(people.BillableMember, **(good | but))


@pytest.mark.parametrize(
    ("enabled", "expected"), [(True, PASS), (False, FAIL), (None, UNKNOWN)], ids=["on", "off", "not in the list"]
)
def test_members_have_a_second_factor(enabled: bool | None, expected: Status) -> None:
    """Who is not in the list that shows it may have one or not."""
    member = a_billed(two_factor={"enabled": enabled, "listed_in": "enterprise users"})

    assert status(people.members_have_two_factor, member) is expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (a_billed(), PASS),
        (a_billed(last_activity_on="2025-12-01"), PASS),
        (a_billed(last_activity_on="2025-11-30"), FAIL),
        (a_billed(last_activity_on="2025-01-01", last_login_at="2026-02-27T00:00:00Z"), PASS),
        (a_billed(last_activity_on=None), FAIL),
        (a_billed(last_activity_on=None, created_at="2026-02-01T00:00:00Z"), PASS),
        (unread(people.BillableMember), UNKNOWN),
    ],
)
def test_inactive_members(member: people.BillableMember, expected: Status) -> None:
    """Whichever was later counts; somebody new has had no time to do anything."""
    assert status(people.inactive_removed, member) is expected


def a_token(**but: Any) -> dict[str, Any]:
    """A token with everything in order."""
    good = {
        "id": 1, "name": "ci", "active": True, "created_at": "2025-12-01T00:00:00Z", "expires_at": "2026-12-01",
        "last_used_at": "2026-02-27T00:00:00Z",
    }  # fmt: skip
    return good | but


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (a_token(), PASS),
        (a_token(expires_at="2026-12-02"), FAIL),
        (a_token(expires_at=None), FAIL),
        (a_token(last_used_at="2025-12-01T06:00:00Z"), PASS),
        (a_token(last_used_at="2025-12-01T05:59:00Z"), FAIL),
        (a_token(last_used_at=None), FAIL),
        (a_token(last_used_at=None, created_at="2026-02-01T00:00:00Z"), PASS),
        (a_token(active=False, expires_at=None), NOTHING),
    ],
)
def test_tokens_expire_and_are_used(token: dict[str, Any], expected: Status) -> None:
    """Of the group and of projects by the same rule."""
    assert status(tokens.group_tokens_expire, view(tokens.GroupToken, **token)) is expected
    assert status(tokens.project_tokens_expire, view(tokens.ProjectToken, **token)) is expected


def test_tokens_that_were_not_read() -> None:
    """What was not seen is unknown."""
    assert status(tokens.group_tokens_expire, unread(tokens.GroupToken)) is UNKNOWN
    assert status(tokens.project_tokens_expire, unread(tokens.ProjectToken)) is UNKNOWN


@pytest.mark.parametrize(
    ("url", "verifies", "target", "expected"),
    [
        ("https://hooks.example/secret", True, "https://hooks.example", PASS),
        ("HTTPS://hooks.example:8443/x", True, "https://hooks.example:8443", PASS),
        ("https://hooks.example/x", False, "https://hooks.example", FAIL),
        ("http://hooks.example/x", True, "http://hooks.example", FAIL),
        ("https://{host}/x", True, ODD, UNKNOWN),
        ("https://hooks.example:99999/x", True, ODD, UNKNOWN),
        ("nonsense", False, ODD, FAIL),
    ],
)
def test_webhooks(url: str, verifies: bool, target: str, expected: Status) -> None:
    """Only scheme, host and port of the address are kept, and an odd one is told nothing of."""
    hook = {"id": 1, "enable_ssl_verification": verifies, "target": webhook_target(url)}

    assert hook["target"] == target
    assert status(webhooks.group_hooks_verified, view(webhooks.GroupHook, **hook)) is expected
    assert status(webhooks.project_hooks_verified, view(webhooks.ProjectHook, **hook)) is expected


def test_webhooks_that_were_not_read() -> None:
    """What was not seen is unknown."""
    assert status(webhooks.group_hooks_verified, unread(webhooks.GroupHook)) is UNKNOWN
    assert status(webhooks.project_hooks_verified, unread(webhooks.ProjectHook)) is UNKNOWN
    with pytest.raises(Unread):
        _ = unread(webhooks.GroupHook).target
