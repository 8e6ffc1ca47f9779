"""Settings of the top-level group and of its subgroups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import NotThere
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import ADMINISTRATOR, GROUP, GUEST, NAMESPACE, OWN_ROLE, OWNER, USER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.roles import GUEST as GUEST_LEVEL
from connectors.gitlab.instance.settings import APPLICATION, grace_verdict

SUBGROUPS = "GET /api/v4/groups/{group}/descendant_groups"

NOT_OURS = "GitLab.com"
"""The code for the settings of an instance that belongs to GitLab: they require no second factor of everybody."""

_NO_PLAN = "no plan"
_SECRETS = (Redact("runners_token"),)


class SharedGroup(Struct, frozen=True, kw_only=True):
    """Another group whose members have a role in this one."""

    group_full_path: str
    group_access_level: int


class InstanceDemand(Struct, frozen=True, kw_only=True):
    """What the instance asks of the second factor of everybody."""

    require_two_factor_authentication: bool
    two_factor_grace_period: int  # hours


class Plan(Struct, frozen=True, kw_only=True):
    """The plan of the group on GitLab.com, as GitLab names it to Owners."""

    name: str | None  # None: GitLab does not say it to this token


@resource("gitlab.group.group", redact=_SECRETS)
class Group(Struct, frozen=True, kw_only=True):
    """The top-level group. Its subgroups are bound by its demand for a second factor."""

    full_path: str
    require_two_factor_authentication: bool
    two_factor_grace_period: int  # hours
    shared_with_groups: tuple[SharedGroup, ...]
    # Left out by plans without it (Premium); null: never set
    prevent_forking_outside_group: bool | None = None
    # Left out by plans and versions without it: the setting is then that of each project
    only_allow_merge_if_pipeline_succeeds: bool | None = None
    allow_merge_on_skipped_pipeline: bool | None = None
    instance: InstanceDemand | None  # None: the instance is GitLab's own, and asks for none
    plan: Plan | None = None  # None: the instance is not GitLab's own, or evidence without it


@resource("gitlab.group.subgroup", key="full_path", redact=_SECRETS)
class Subgroup(Struct, frozen=True, kw_only=True):
    """A group anywhere below the top-level one; `full_path` has the names of all groups above it."""

    id: int
    full_path: str
    parent_id: int
    visibility: str


@gitlab.collects(Group, at="group", call=GROUP, permissions=OWNER)
def group(client: GitLab) -> Iterator[Body]:
    # The list of projects is one of its own; here it would end after a hundred.
    yield client.get(GROUP, {"with_projects": False}, having="require_two_factor_authentication")


@gitlab.part(Group, "instance", call=APPLICATION, permissions=ADMINISTRATOR, absent=NOT_OURS)
def instance_demand(client: GitLab, _group: Body) -> Any:
    if client.settings.is_dotcom:
        raise NotThere("the instance is GitLab's own", code=NOT_OURS)
    settings = client.get(APPLICATION, having="require_two_factor_authentication")
    return {name: settings[name] for name in ("require_two_factor_authentication", "two_factor_grace_period")}


@gitlab.part(Group, "plan", call=NAMESPACE, permissions=OWNER, absent=_NO_PLAN)
def plan(client: GitLab, _group: Body) -> Any:
    if not client.settings.is_dotcom:
        raise NotThere("only GitLab.com names the plan of a group", code=_NO_PLAN)
    return {"name": client.get(NAMESPACE, having="id").get("plan")}


@gitlab.collects(Subgroup, at="group", call=(SUBGROUPS, USER, OWN_ROLE), permissions=GUEST)
def subgroups(client: GitLab) -> Iterator[Body]:
    client.require_role(GUEST_LEVEL, "GitLab lists only public subgroups to those who are no members")
    yield from client.pages(SUBGROUPS, {"order_by": "id"})


@check(
    "gitlab_group_two_factor_required",
    title="Top-level group requires two-factor",
    severity="critical",
    fix="Require all users in the group to set up two-factor authentication, and shorten the time for it",
)
def two_factor_required(group: Group, *, max_grace: timedelta = timedelta(hours=48)) -> Verdict:
    own = None
    if group.require_two_factor_authentication:
        own = grace_verdict(group.full_path, group.two_factor_grace_period, max_grace)
        if own.status.value == "pass":
            return own
    instance = group.instance
    if instance is not None and instance.require_two_factor_authentication:
        by_instance = grace_verdict("the instance", instance.two_factor_grace_period, max_grace)
        if own is None or by_instance.status.value == "pass":
            return by_instance
    return own or failed(f"{group.full_path} does not require a second factor")


@check(
    "gitlab_group_external_forking_prevented",
    title="Forking outside the group is prevented",
    severity="medium",
    fix="Prevent project forking outside the group, in its permissions and group features",
)
def external_forking_prevented(group: Group) -> Verdict:
    if group.prevent_forking_outside_group is None:
        return unknown(
            f"GitLab does not show prevent_forking_outside_group of {group.full_path}: "
            "the setting is part of the plans Premium and Ultimate, and shown to Owners"
        )
    if group.prevent_forking_outside_group:
        return passed(f"projects of {group.full_path} cannot be forked to elsewhere")
    return failed(f"projects of {group.full_path} can be forked to elsewhere")
