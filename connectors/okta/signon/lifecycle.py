"""Automations for accounts that are idle. Okta's API has them as policies of a type that it does not document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import LIFECYCLE_POLICIES, POLICY_RULES, scopes_of
from connectors.okta.people.groups import Group

_ACTIVE = "ACTIVE"
_ENDS_ACCESS = frozenset({"SUSPENDED", "DEPROVISIONED", "INACTIVE", "DELETED"})
_DAYS = {"DAY": 1, "DAYS": 1, "WEEK": 7, "WEEKS": 7}


class Inactivity(Struct, frozen=True, kw_only=True):
    """How long somebody has to be idle."""

    number: int
    unit: str


class UpdateLifecycle(Struct, frozen=True, kw_only=True, rename="camel"):
    """What becomes of the account."""

    target_status: str | None = None  # None: the rule does something else


class LifecycleActions(Struct, frozen=True, kw_only=True, rename="camel"):
    """The actions of a rule."""

    update_user_lifecycle: UpdateLifecycle | None = None  # None: it sends a mail, for example


class LifecycleRule(Struct, frozen=True, kw_only=True):
    """A rule of an automation."""

    status: str
    actions: LifecycleActions


@resource("okta.policy.lifecycle", key="id")
class LifecyclePolicy(Struct, frozen=True, kw_only=True):
    """An automation, with what it does. Its conditions have who is meant, and after how long."""

    id: str
    name: str
    status: str
    conditions: dict[str, Any] | None
    rules: tuple[LifecycleRule, ...]

    @property
    def inactivity(self) -> timedelta | None:
        """How long somebody has to be idle; None where that is no condition, or in another unit than days or weeks."""
        found = (self._people.get("users") or {}).get("inactivity") or {}
        number, unit = found.get("number"), _DAYS.get(str(found.get("unit")).upper())
        return timedelta(days=number * unit) if isinstance(number, int) and unit is not None else None

    @property
    def groups(self) -> frozenset[str]:
        """The groups whose people are meant."""
        return frozenset((self._people.get("groups") or {}).get("include") or ())

    @property
    def leaves_out(self) -> bool:
        """Whether it leaves out some of the people of its groups."""
        parts = (self._people.get("groups") or {}, self._people.get("users") or {})
        return any(part.get("exclude") for part in parts)

    @property
    def ends_access(self) -> bool:
        """Whether an active rule takes the access away."""
        updates = [rule.actions.update_user_lifecycle for rule in self.rules if rule.status == _ACTIVE]
        return any(update is not None and update.target_status in _ENDS_ACCESS for update in updates)

    @property
    def _people(self) -> dict[str, Any]:
        return (self.conditions or {}).get("people") or {}


@okta.collects(LifecyclePolicy, at="organization", call=LIFECYCLE_POLICIES, permissions=scopes_of(LIFECYCLE_POLICIES))
def lifecycle_policies(client: Okta) -> Iterator[Body]:
    yield from client.pages(LIFECYCLE_POLICIES)


@okta.part(LifecyclePolicy, "rules", call=POLICY_RULES, permissions=scopes_of(POLICY_RULES))
def lifecycle_rules(client: Okta, policy: Body) -> Any:
    return client.items(POLICY_RULES, policyId=policy["id"])


@check(
    "okta_inactivity_automation_active",
    title="An automation handles inactive users",
    severity="medium",
    fix="Activate an automation for everybody in Workflow > Automations that suspends idle accounts",
)
def inactivity_automation_active(
    automations: All[LifecyclePolicy], groups: All[Group], *, inactive_after: timedelta = timedelta(days=90)
) -> Verdict:
    meant: list[LifecyclePolicy] = []
    late: list[str] = []
    for automation in automations:
        if automation.status != _ACTIVE or not automation.ends_access or automation.inactivity is None:
            continue
        if automation.inactivity > inactive_after:
            late.append(f"{automation.name} waits {automation.inactivity.days} days")
        else:
            meant.append(automation)
    if not meant:
        why = f"; {first_few(late)}; {inactive_after.days} are allowed" if late else ""
        return failed(f"no active automation ends the access of people who are idle{why}")
    named = first_few(automation.name for automation in meant)
    everybody = {group.id for group in groups if group.type == "BUILT_IN" and group.profile.name == "Everyone"}
    if any(automation.groups & everybody and not automation.leaves_out for automation in meant):
        return passed(f"{named} ends the access of everybody who is idle; {inactive_after.days} days are allowed")
    return unknown(f"{named} is for some people; whether that is everybody is not shown")
