"""Global session policies: who gets a session, with how many factors, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import POLICY_RULES, SIGN_ON_POLICIES, scopes_of


class SessionSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """How long a session lasts, in minutes. The defaults are those that Okta documents."""

    max_session_idle_minutes: int = 120
    max_session_lifetime_minutes: int = 0  # 0: without an end
    use_persistent_cookie: bool = False


class SignOn(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a rule does with whoever it applies to."""

    access: str  # ALLOW or DENY
    require_factor: bool = False  # Okta's default
    factor_prompt_mode: str | None = None  # None: Okta names none where no factor is required
    factor_lifetime: int | None = None  # minutes; likewise
    primary_factor: str | None = None  # None: Classic Engine has no such choice
    session: SessionSettings | None = None  # None: a rule that denies has no session


class SignOnActions(Struct, frozen=True, kw_only=True):
    """The actions of a rule."""

    signon: SignOn


class SignOnRule(Struct, frozen=True, kw_only=True):
    """A rule of a global session policy."""

    id: str
    name: str
    status: str
    priority: int | None  # None: Okta documents it as nullable
    actions: SignOnActions
    conditions: dict[str, Any] | None = None  # None or left out: no conditions
    system: bool = False


@resource("okta.policy.sign_on", key="id")
class SignOnPolicy(Struct, frozen=True, kw_only=True):
    """A global session policy (Okta sign-on policy, in Classic Engine) with its rules."""

    id: str
    name: str
    status: str
    priority: int | None
    system: bool
    conditions: dict[str, Any] | None
    rules: tuple[SignOnRule, ...]


@okta.collects(SignOnPolicy, at="organization", call=SIGN_ON_POLICIES, permissions=scopes_of(SIGN_ON_POLICIES))
def sign_on_policies(client: Okta) -> Iterator[Body]:
    yield from client.pages(SIGN_ON_POLICIES)


@okta.part(SignOnPolicy, "rules", call=POLICY_RULES, permissions=scopes_of(POLICY_RULES))
def sign_on_rules(client: Okta, policy: Body) -> Any:
    return client.items(POLICY_RULES, policyId=policy["id"])
