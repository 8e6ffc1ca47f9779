"""Behaviour detection: what Okta notices of a sign-in, and whether a rule acts on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import BEHAVIORS, scopes_of
from connectors.okta.applications.policies import AccessPolicy
from connectors.okta.signon.sessions import SignOnPolicy

_ACTIVE = "ACTIVE"


@resource("okta.behavior.rule", key="id")
class Behavior(Struct, frozen=True, kw_only=True):
    """A kind of behaviour that Okta can tell from the usual one."""

    id: str
    name: str
    type: str
    status: str


@okta.collects(Behavior, at="organization", call=BEHAVIORS, permissions=scopes_of(BEHAVIORS))
def behaviors(client: Okta) -> Iterator[Body]:
    yield from client.pages(BEHAVIORS)


@check(
    "okta_behavior_detection_used",
    title="Behaviour detection influences sign-on",
    severity="low",
    fix="Name a behaviour, or a level of risk, in a rule of a sign-on policy",
)
def behavior_detection_used(
    behaviors: All[Behavior], policies: All[SignOnPolicy], access: All[AccessPolicy]
) -> Verdict:
    active = {behavior.id: behavior.name for behavior in behaviors if behavior.status == _ACTIVE}
    if not active:
        return failed("no behaviour is active")
    used: set[str] = set()
    for policy in policies:
        for rule in policy.rules if policy.status == _ACTIVE else ():
            named = ((rule.conditions or {}).get("risk") or {}).get("behaviors") or []
            used |= {active[name] for name in named if name in active and rule.status == _ACTIVE}
    if used:
        return passed(f"a rule of a global session policy acts on {first_few(sorted(used))}")
    for app in access:
        for access_rule in app.rules if app.status == _ACTIVE else ():
            text = _expression(access_rule.conditions)
            used |= {name for name in active.values() if access_rule.status == _ACTIVE and name in text}
    if used:
        named = first_few(sorted(used))
        return unknown(f"an expression of an app sign-in policy names {named}; Okta alone can say what it does with it")
    return failed(f"no rule acts on {first_few(sorted(active.values()))}")


def _expression(conditions: dict[str, Any] | None) -> str:
    return str(((conditions or {}).get("elCondition") or {}).get("condition") or "")
