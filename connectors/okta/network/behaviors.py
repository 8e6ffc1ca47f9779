"""Behaviour detection: what Okta notices of a sign-in, and whether a rule acts on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._policy.order import Reach
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import BEHAVIORS, scopes_of
from connectors.okta.applications.policies import AccessPolicy
from connectors.okta.signon.effective import places, session_rules
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
    fix="Name a behaviour in a rule of a global session policy that refuses or asks for a second factor, above others",
)
def behavior_detection_used(
    behaviors: All[Behavior], policies: All[SignOnPolicy], access: All[AccessPolicy]
) -> Verdict:
    active = {behavior.id: behavior.name for behavior in behaviors if behavior.status == _ACTIVE}
    if not active:
        return failed("no behaviour is active")
    used = _used_by_sessions(list(policies), active)
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


def _used_by_sessions(policies: list[SignOnPolicy], active: dict[str, str]) -> set[str]:
    """Return what rules of sessions refuse, or ask a second factor for, where somebody can come upon them."""
    naming = [rule for policy in policies for rule in policy.rules if active.keys() & set(_behaviors(rule.conditions))]
    if not naming:
        return set()
    known, used = places(policies, ()), set()
    for ranked in session_rules(policies):
        found = ranked.rule
        acts = not found.allows or found.second_factor is not False
        named = {active[name] for name in _behaviors(found.rule.conditions) if name in active}
        if named and acts and known.reach(ranked.decides) is not Reach.NO:
            used |= named
    return used


def _behaviors(conditions: dict[str, Any] | None) -> list[str]:
    return ((conditions or {}).get("risk") or {}).get("behaviors") or []


def _expression(conditions: dict[str, Any] | None) -> str:
    return str(((conditions or {}).get("elCondition") or {}).get("condition") or "")
