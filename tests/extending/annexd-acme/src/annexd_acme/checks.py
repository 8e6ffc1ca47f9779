"""What is right in a workspace. An id is for ever, and names the good state."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, passed

from annexd_acme.connector import Key, Policy, User


@check(
    "acme_policy_sso_required",
    title="A workspace requires single sign-on",
    severity="high",
    fix="Require single sign-on in the policy of the workspace",
)
def sso_required(policy: Policy) -> Verdict:
    return passed() if policy.sso_required else failed("single sign-on is not required")


@check(
    "acme_user_mfa_enabled",
    title="Every user has a second factor",
    severity="high",
    fix="Let the user enrol a second factor",
)
def mfa_enabled(user: User) -> Verdict:
    return passed() if user.mfa else failed(f"{user.id} has no second factor")


@check(
    "acme_user_seen_recently",
    title="Every user has signed in within the limit",
    severity="low",
    fix="Remove the user, or have it confirmed that the account is needed",
)
def seen_recently(user: User, *, now: datetime, max_idle: timedelta = timedelta(days=90)) -> Verdict:
    if user.last_seen_at is None:
        return failed(f"{user.id} has never signed in")
    idle = now - user.last_seen_at
    return passed() if idle <= max_idle else failed(f"{user.id} was idle for {idle.days} days of {max_idle.days}")


@check(
    "acme_key_rotated",
    title="Every key is younger than the limit",
    severity="medium",
    fix="Make a second key, move its programs over, and delete the old one",
)
def key_rotated(key: Key, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    age = now - key.created_at
    return passed() if age <= max_age else failed(f"{key.id} is {age.days} days old; {max_age.days} are allowed")
