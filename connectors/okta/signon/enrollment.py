"""Enrolment policies: which authenticators people have to set up, and when they are asked to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.checks import Status, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._policy.conditions import ALWAYS, applies
from connectors.okta._policy.order import Reach, facts_in, in_order, ranked, reach, world
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import ENROLLMENT_POLICIES, POLICY_RULES, scopes_of

_ACTIVE, _REQUIRED, _NEVER = "ACTIVE", "REQUIRED", "NEVER"
_STRONG = frozenset({"webauthn", "okta_verify", "smart_card_idp"})
# Classic Engine names factors, of which one authenticator has several.
_FACTORS = {"fido_webauthn": "webauthn", "okta_push": "okta_verify", "okta_verify": "okta_verify"}


class GracePeriod(Struct, frozen=True, kw_only=True, rename="camel"):
    """How long somebody may put off what is required: until `expiry`, or so many times (`skip_count`)."""

    type: str  # BY_DATE_TIME or BY_SKIP_COUNT
    expiry: datetime | None = None  # None: of another type
    skip_count: int | None = None  # likewise


class Enroll(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether somebody may, or has to, set something up by themselves."""

    self: str
    grace_period: GracePeriod | None = None  # None: at once

    def deferred(self, now: datetime) -> str:
        """Return how long what is required may be put off, for a reader; empty where it is required at once."""
        grace = self.grace_period
        if grace is None or (grace.type == "BY_DATE_TIME" and grace.expiry is not None and grace.expiry <= now):
            return ""
        if grace.type == "BY_DATE_TIME" and grace.expiry is not None:
            return f"until {grace.expiry:%Y-%m-%d}"
        return f"{grace.skip_count} times" if grace.skip_count is not None else f"by {grace.type}"


class AuthenticatorRequirement(Struct, frozen=True, kw_only=True):
    """What is asked for one authenticator."""

    key: str
    enroll: Enroll


class FactorRequirement(Struct, frozen=True, kw_only=True):
    """What is asked for one factor of Classic Engine."""

    enroll: Enroll | None = None  # None: nothing is asked


class EnrollmentSettings(Struct, frozen=True, kw_only=True):
    """What a policy asks for: of `authenticators` on Identity Engine, of `factors` on Classic Engine."""

    type: str = "FACTORS"  # Okta's default
    authenticators: tuple[AuthenticatorRequirement, ...] | None = None  # None: a policy of Classic Engine
    factors: dict[str, FactorRequirement] | None = None  # None: a policy of Identity Engine


class EnrollActions(Struct, frozen=True, kw_only=True):
    """The actions of a rule."""

    enroll: Enroll | None = None  # None: Okta documents it as optional


class EnrollmentRule(Struct, frozen=True, kw_only=True):
    """A rule, which says when people are asked to set something up."""

    name: str
    status: str
    priority: int | None  # None: Okta documents it as nullable
    actions: EnrollActions
    conditions: dict[str, Any] | None = None  # None or left out: no conditions
    system: bool = False

    @property
    def asks(self) -> bool | None:
        """Whether people are asked by it; None where it does not say."""
        return None if self.actions.enroll is None else self.actions.enroll.self != _NEVER


@resource("okta.policy.enrollment", key="id")
class EnrollmentPolicy(Struct, frozen=True, kw_only=True):
    """An authenticator enrolment policy with its rules."""

    id: str
    name: str
    status: str
    rules: tuple[EnrollmentRule, ...]
    settings: EnrollmentSettings | None = field(default=None)  # None: Okta documents it as optional

    def required(self) -> set[str] | None:
        """Return the authenticators that have to be set up; None where the policy does not say."""
        settings = self.settings
        if settings is None:
            return None
        if settings.authenticators is not None:
            return {found.key for found in settings.authenticators if found.enroll.self == _REQUIRED}
        if settings.factors is not None:
            return {_FACTORS.get(name, name) for name in _required_factors(settings.factors)}
        return None

    def deferred(self, keys: Sequence[str], now: datetime) -> str:
        """Return how long authenticators may be put off; empty where one of them is required at once."""
        listed = (self.settings.authenticators if self.settings is not None else None) or ()
        found = [authenticator.enroll.deferred(now) for authenticator in listed if authenticator.key in keys]
        return found[0] if found and all(found) else ""


def _required_factors(factors: Mapping[str, FactorRequirement]) -> Iterator[str]:
    for name, requirement in factors.items():
        if requirement.enroll is not None and requirement.enroll.self == _REQUIRED:
            yield name


@okta.collects(
    EnrollmentPolicy, at="organization", call=ENROLLMENT_POLICIES, permissions=scopes_of(ENROLLMENT_POLICIES)
)
def enrollment_policies(client: Okta) -> Iterator[Body]:
    yield from client.pages(ENROLLMENT_POLICIES)


@okta.part(EnrollmentPolicy, "rules", call=POLICY_RULES, permissions=scopes_of(POLICY_RULES))
def enrollment_rules(client: Okta, policy: Body) -> Any:
    return client.items(POLICY_RULES, policyId=policy["id"])


@check(
    "okta_enrollment_mfa_required",
    title="Enrolment policy requires a strong authenticator",
    severity="high",
    fix="Make FIDO2 (WebAuthn) or Okta Verify required in the enrolment policy, and have people asked for it",
)
def enrollment_mfa_required(policy: EnrollmentPolicy, *, now: datetime, grace_allowed: bool = False) -> Verdict:
    if policy.status != _ACTIVE:
        return not_applicable(f"{policy.name} is not active, and applies to nobody")
    required = policy.required()
    if required is None:
        return unknown(f"{policy.name} does not show what it requires")
    strong = sorted(required & _STRONG)
    if not strong:
        return failed(f"{policy.name} requires {first_few(sorted(required)) or 'nothing'}, none of which is strong")
    active = [rule for rule in policy.rules if rule.status == _ACTIVE]
    if not active:
        return failed(f"{policy.name} requires {first_few(strong)}, and has no active rule: it is never applied")
    verdict = _asked_for(policy, active, f"{policy.name} requires {first_few(strong)}")
    deferred = policy.deferred(strong, now)
    if verdict.status is not Status.PASS or not deferred:
        return verdict
    text = f"{verdict.reason}; people may put it off {deferred}, and sign in without it"
    return passed(f"{text}, which grace_allowed accepts") if grace_allowed else failed(text)


def _asked_for(policy: EnrollmentPolicy, rules: Sequence[EnrollmentRule], required: str) -> Verdict:
    """Return whether everybody whom the policy is for is asked to set up what it requires."""
    in_turn = in_order(rules, f"the rules of {policy.name}")
    # Last, whoever none of them is for.
    found = ranked([*((rule, applies(rule.conditions)) for rule in in_turn), (None, ALWAYS)])
    facts = {name for each in found for name in facts_in(each.decides.at_most)}
    reached = [(each.rule, reach(world(facts), each.decides)) for each in found]
    never = [rule.name for rule, how in reached if rule is not None and rule.asks is False and how is Reach.YES]
    if never:
        return failed(f"{required}, and nobody is asked for it by {first_few(never)}")
    unclear = [rule.name for rule, how in reached if rule is not None and not rule.asks and how is not Reach.NO]
    if unclear:
        return unknown(f"{required}; whether people are asked for it by {first_few(unclear)} is not shown")
    if reached[-1][1] is not Reach.NO:
        return unknown(f"{required}; whoever none of its rules is for has to be asked by another policy")
    return passed(required)
