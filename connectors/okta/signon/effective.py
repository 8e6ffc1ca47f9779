"""The effective policies: which rules of the global session and of an application somebody can come upon together.

Identity Engine lets somebody into an application only when both the global session policy and the policy of the
application are satisfied; on Classic Engine applications have policies that Okta's API does not show.
https://help.okta.com/oie/en-us/content/topics/identity-engine/policies/about-policies.htm
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.core.errors import Unread
from connectors.okta._policy.conditions import Match, all_of, applies
from connectors.okta._policy.formulas import Formula
from connectors.okta._policy.order import Ranked, Reach, facts_in, in_order, ranked, reach, world
from connectors.okta._policy.verification import NOTHING_KNOWN, Asked, Known, asked
from connectors.okta.applications.policies import AccessPolicy, AccessRule
from connectors.okta.network.zones import Zone
from connectors.okta.signon.sessions import SignOnPolicy, SignOnRule

ACTIVE, ALLOW, DENY = "ACTIVE", "ALLOW", "DENY"


@dataclass(frozen=True)
class SessionRule:
    """A rule of a global session policy, with the policy that it is in."""

    policy: SignOnPolicy
    rule: SignOnRule

    @property
    def allows(self) -> bool:
        """Whether somebody may get a session by it; what is not a refusal is taken for a permission."""
        return self.rule.actions.signon.access != DENY

    @property
    def second_factor(self) -> Known:
        """Whether it asks for a second factor; None where another provider may have asked for one."""
        signon = self.rule.actions.signon
        if signon.require_factor:
            return True
        provider = ((self.rule.conditions or {}).get("identityProvider") or {}).get("provider")
        return None if provider == "SPECIFIC_IDP" or signon.access != ALLOW else False

    def __str__(self) -> str:
        return f"rule {self.rule.name} of {self.policy.name}"


@dataclass(frozen=True)
class AppRule:
    """A rule of an app sign-in policy, with the policy that it is in."""

    policy: AccessPolicy
    rule: AccessRule

    @property
    def allows(self) -> bool:
        """Whether somebody may open the application by it."""
        return self.rule.actions.app_sign_on.access != DENY

    @property
    def asked(self) -> Asked:
        """What it asks for."""
        signon = self.rule.actions.app_sign_on
        return asked(signon.verification_method) if signon.access == ALLOW else NOTHING_KNOWN

    def __str__(self) -> str:
        return f"rule {self.rule.name} of {self.policy.name}"


@dataclass(frozen=True)
class Places:
    """What is known of zones and groups, for whether rules can apply together."""

    empty_zones: frozenset[str]
    everybody: frozenset[str]

    def world(self, *matches: Match) -> Formula:
        """Return what always holds, beside these matches."""
        facts = {name for match in matches for side in (match.at_most, match.surely) for name in facts_in(side)}
        return world(facts, everybody=self.everybody, empty_zones=self.empty_zones)

    def reach(self, *matches: Match) -> Reach:
        """Return whether somebody can come upon rules that each decide when these match."""
        return reach(self.world(*matches), *matches)


def places(policies: Iterable[SignOnPolicy], zones: Iterable[Zone]) -> Places:
    """Return what zones and policies say: the groups of the default policy, which Okta made, hold everybody."""
    return Places(
        frozenset(zone.id for zone in zones if zone.has_no_address),
        frozenset(group for policy in policies if policy.system for group in _groups(policy.conditions)),
    )


def session_rules(policies: Iterable[SignOnPolicy]) -> list[Ranked[SessionRule]]:
    """Return the rules of all active global session policies, with when each of them decides.

    Raises Unread where Okta's order does not say which of two comes first, and where the default policy, which every
    organization has, is not among them.
    """
    active = [policy for policy in policies if policy.status == ACTIVE]
    if not any(policy.system and policy.rules for policy in active):
        message = "the default policy of global sessions, which every organization has, is not shown with its rules"
        raise Unread(message)
    found: list[tuple[SessionRule, Match]] = []
    for policy in in_order(active, "the global session policies"):
        # The default policy is for everybody, whatever group it names.
        mine = applies({} if policy.system else policy.conditions)
        rules = in_order([rule for rule in policy.rules if rule.status == ACTIVE], f"the rules of {policy.name}")
        found += [(SessionRule(policy, rule), all_of([mine, applies(rule.conditions)])) for rule in rules]
    return ranked(found)


def app_rules(policy: AccessPolicy) -> list[Ranked[AppRule]]:
    """Return the active rules of an app sign-in policy, with when each of them decides.

    Raises Unread where the order is not shown, and where the catch-all rule, which every policy has, is not there.
    """
    if not any(rule.system for rule in policy.rules):
        message = f"the catch-all rule of {policy.name}, which every policy has, is not shown"
        raise Unread(message)
    active = [rule for rule in policy.rules if rule.status == ACTIVE]
    return ranked((AppRule(policy, rule), applies(rule.conditions)) for rule in in_order(active, policy.name))


def _groups(conditions: Mapping[str, Any] | None) -> Iterator[str]:
    people = (conditions or {}).get("people") or {}
    yield from (people.get("groups") or {}).get("include") or []
