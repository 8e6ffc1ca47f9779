"""Settings of the whole instance, and its version: GitLab Self-Managed and Dedicated, not GitLab.com."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed
from collector.core.resources import Body, resource
from collector.core.spans import show_span
from connectors.gitlab._sdk.calls import ADMINISTRATOR, METADATA
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.settings import Settings

APPLICATION = "GET /api/v4/application/settings"

# The answer has keys and tokens of other services beside the settings, under names that grow with each version: only
# these keys of it are kept. https://docs.gitlab.com/api/settings/#available-settings
_KEPT = (
    "admin_mode",
    "allow_local_requests_from_system_hooks",
    "allow_local_requests_from_web_hooks_and_services",
    "default_branch_protection",
    "default_branch_protection_defaults",
    "default_group_visibility",
    "default_project_visibility",
    "default_snippet_visibility",
    "disable_overriding_approvers_per_merge_request",
    "disable_personal_access_tokens",
    "domain_allowlist",
    "domain_denylist",
    "domain_denylist_enabled",
    "email_confirmation_setting",
    "max_login_attempts",
    "max_personal_access_token_lifetime",
    "minimum_password_length",
    "password_authentication_enabled_for_git",
    "password_authentication_enabled_for_web",
    "prevent_merge_requests_author_approval",
    "prevent_merge_requests_committers_approval",
    "require_admin_approval_after_user_signup",
    "require_admin_two_factor_authentication",
    "require_personal_access_token_expiry",
    "require_two_factor_authentication",
    "restricted_visibility_levels",
    "session_expire_delay",
    "signup_enabled",
    "throttle_authenticated_api_enabled",
    "throttle_unauthenticated_api_enabled",
    "throttle_unauthenticated_web_enabled",
    "two_factor_grace_period",
    "user_oauth_applications",
)


@resource("gitlab.instance.setting")
class InstanceSettings(Struct, frozen=True, kw_only=True):
    """The settings of the instance that say who may get in, and what is public."""

    signup_enabled: bool
    require_admin_approval_after_user_signup: bool
    require_two_factor_authentication: bool
    two_factor_grace_period: int  # hours
    default_project_visibility: str
    default_group_visibility: str
    restricted_visibility_levels: tuple[str, ...]


@resource("gitlab.instance.version")
class Version(Struct, frozen=True, kw_only=True):
    """The version of GitLab, and whether it is the Enterprise Edition, which has paid plans."""

    version: str
    enterprise: bool


def has_instance(settings: Settings) -> bool:
    """Whether the instance is the company's own."""
    return not settings.is_dotcom


@gitlab.collects(InstanceSettings, at="source", call=APPLICATION, permissions=ADMINISTRATOR, when=has_instance)
def instance_settings(source: GitLab) -> Iterator[Body]:
    answer = source.get(APPLICATION, having="signup_enabled")
    yield {name: answer[name] for name in _KEPT if name in answer}


@gitlab.collects(Version, at="source", call=METADATA, permissions="read_api or read_user")
def version(source: GitLab) -> Iterator[Body]:
    answer = source.get(METADATA, having="version")
    yield {name: answer[name] for name in ("version", "revision", "enterprise") if name in answer}


@check(
    "gitlab_instance_two_factor_required",
    title="Instance requires two-factor",
    severity="critical",
    fix="Enforce two-factor authentication for all users in the sign-in restrictions of the instance",
)
def two_factor_required(settings: InstanceSettings, *, max_grace: timedelta = timedelta(hours=48)) -> Verdict:
    if not settings.require_two_factor_authentication:
        return failed("the instance does not require a second factor")
    return grace_verdict("the instance", settings.two_factor_grace_period, max_grace)


def grace_verdict(who: str, hours: int, max_grace: timedelta) -> Verdict:
    """Return the verdict on the time that people have to set up a second factor which is required."""
    grace = timedelta(hours=hours)
    text = f"{who} requires a second factor, after {show_span(grace)} at the latest"
    return passed(text) if grace <= max_grace else failed(f"{text}; {show_span(max_grace)} are allowed")


@check(
    "gitlab_instance_signup_restricted",
    title="Open sign-up is disabled or approved",
    severity="high",
    fix="Turn sign-up off, or require an administrator's approval of new accounts",
)
def signup_restricted(settings: InstanceSettings) -> Verdict:
    if not settings.signup_enabled:
        return passed("nobody can sign up")
    if settings.require_admin_approval_after_user_signup:
        return passed("whoever signs up needs the approval of an administrator")
    return failed("whoever reaches the instance can sign up, and needs no approval")


@check(
    "gitlab_instance_default_visibility_private",
    title="Default visibility is private",
    severity="medium",
    fix="Set the default visibility of projects and groups to private, and restrict the level public",
)
def default_visibility(settings: InstanceSettings) -> Verdict:
    found = {"projects": settings.default_project_visibility, "groups": settings.default_group_visibility}
    problems = [f"new {what} are {level}" for what, level in found.items() if level != "private"]
    if "public" not in settings.restricted_visibility_levels:
        problems.append("whoever owns a project or group may make it public")
    return failed(" and ".join(problems)) if problems else passed("new projects and groups are private, none public")
