"""App sign-in policies of Identity Engine: what each application asks of whoever opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import ACCESS_POLICIES, POLICY_RULES, scopes_of


class AppSignOn(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a rule does with whoever it applies to."""

    access: str  # ALLOW or DENY
    verification_method: dict[str, Any] | None = None  # None: a rule that denies verifies nothing


class AccessActions(Struct, frozen=True, kw_only=True, rename="camel"):
    """The actions of a rule."""

    app_sign_on: AppSignOn


class AccessRule(Struct, frozen=True, kw_only=True):
    """A rule of an app sign-in policy. The last one, the catch-all rule, has no conditions."""

    id: str
    name: str
    status: str
    priority: int | None  # None: Okta documents it as nullable
    actions: AccessActions
    conditions: dict[str, Any] | None = None  # None or left out: no conditions
    system: bool = False


@resource("okta.policy.access", key="id")
class AccessPolicy(Struct, frozen=True, kw_only=True):
    """An app sign-in policy with its rules."""

    id: str
    name: str
    status: str
    rules: tuple[AccessRule, ...]


@okta.collects(AccessPolicy, at="organization", call=ACCESS_POLICIES, permissions=scopes_of(ACCESS_POLICIES))
def access_policies(client: Okta) -> Iterator[Body]:
    yield from client.pages(ACCESS_POLICIES)


@okta.part(AccessPolicy, "rules", call=POLICY_RULES, permissions=scopes_of(POLICY_RULES))
def access_rules(client: Okta, policy: Body) -> Any:
    return client.items(POLICY_RULES, policyId=policy["id"])
