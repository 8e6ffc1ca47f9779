"""Constraints of the organization, as they are in force in a project by all levels together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.resourcemanager.resources import Container

EFFECTIVE = Operation("orgpolicy", "v2", "orgpolicy.projects.policies.getEffectivePolicy")

_BASELINE = (
    "iam.disableServiceAccountKeyCreation",
    "storage.publicAccessPrevention",
    "compute.requireOsLogin",
    "sql.restrictPublicIp",
    "compute.skipDefaultNetworkCreation",
    "iam.automaticIamGrantsForDefaultServiceAccounts",
)
_SAME = {"iam.disableServiceAccountKeyCreation": "iam.managed.disableServiceAccountKeyCreation"}
"""Constraints that Google has made anew; either one is enough."""

_DOMAINS = "iam.allowedPolicyMemberDomains"
_MEMBERS = "iam.managed.allowedPolicyMembers"
_LOCATIONS = "gcp.resourceLocations"
_ASKED = (*_BASELINE, *_SAME.values(), _DOMAINS, _MEMBERS, _LOCATIONS)


class Values(Struct, frozen=True, kw_only=True, rename="camel"):
    """Values of a rule. Google leaves out what is empty."""

    allowed_values: tuple[str, ...] = ()
    denied_values: tuple[str, ...] = ()


class PolicyRule(Struct, frozen=True, kw_only=True, rename="camel"):
    """A rule of a policy. Google leaves out what is false or does not apply."""

    enforce: bool = False
    allow_all: bool = False
    deny_all: bool = False
    values: Values | None = None
    condition: dict[str, Any] | None = None  # None: it holds for everything in the project


class Spec(Struct, frozen=True, kw_only=True):
    """What is in force. Google leaves the rules out where there are none."""

    rules: tuple[PolicyRule, ...] = ()


@resource("gcp.orgpolicy.policy", key="constraint")
class EffectivePolicy(Struct, frozen=True, kw_only=True):
    """A constraint as it is in force in a project, by its own policy and all that it inherits."""

    constraint: str
    spec: Spec = Spec()  # left out where nothing is in force

    @property
    def is_enforced(self) -> bool | None:
        """Whether the constraint holds for everything in the project; None where it depends on tags of resources."""
        whole = [rule.enforce for rule in self.spec.rules if rule.condition is None]
        some = [rule.enforce for rule in self.spec.rules if rule.condition is not None]
        if any(whole):
            return True if all(some) else None
        return None if any(some) else False


@gcp.collects(EffectivePolicy, at="project", call=EFFECTIVE.id, permissions="orgpolicy.policy.get")
def effective_policies(client: GoogleCloud) -> Iterator[Body]:
    for constraint in _ASKED:
        found = client.whatever.ask(EFFECTIVE, name=f"{client.name}/policies/{constraint}")
        found["name"]  # every policy has one; an answer without it is one to something else
        yield {**found, "constraint": constraint}


@check(
    "gcp_orgpolicy_baseline_constraints_enforced",
    title="Baseline organisation constraints are enforced",
    severity="medium",
    fix="Enforce the constraint at the organization",
)
def baseline_enforced(policies: All[EffectivePolicy], *, constraints: tuple[str, ...] = _BASELINE) -> Verdict:
    found = {policy.constraint: policy.is_enforced for policy in policies}
    states: dict[str, bool | str | None] = {
        name: True if found.get(_SAME.get(name, "")) else found.get(name, "unread") for name in constraints
    }
    missing = [name for name, state in states.items() if state is False]
    if missing:
        return failed(f"not enforced: {', '.join(missing)}")
    tagged = [name for name, state in states.items() if state is None]
    if tagged:
        return unknown(f"for what {', '.join(tagged)} is enforced depends on tags of resources")
    strange = [name for name, state in states.items() if state == "unread"]
    if strange:
        return unknown(f"annexd does not read {', '.join(strange)}")
    return passed()


@check(
    "gcp_orgpolicy_domain_restricted_sharing",
    title="Sharing is restricted to own domains",
    severity="medium",
    fix="Set iam.allowedPolicyMemberDomains to the customer id of the organization",
)
def domain_restricted_sharing(
    project: ProjectPolicy,
    policies: All[EffectivePolicy],
    containers: All[Container],
    *,
    allowed_customers: tuple[str, ...] = (),
) -> Verdict:
    found = {policy.constraint: policy for policy in policies}
    if found[_MEMBERS].is_enforced:
        return unknown(f"{_MEMBERS} is enforced in {project.name}; whom its parameters allow is for a person to read")
    rules = found[_DOMAINS].spec.rules
    values = {value.removeprefix("is:") for rule in rules if rule.values for value in rule.values.allowed_values}
    # Values that are only denied leave everybody else allowed.
    if any(rule.allow_all for rule in rules) or not (values or any(rule.deny_all for rule in rules)):
        return failed(f"{_DOMAINS} allows everybody in {project.name}, or only leaves some out")
    if any(rule.condition is not None for rule in rules):
        return unknown(f"whom {_DOMAINS} allows depends on tags of resources")
    own = set(allowed_customers) or {each.directory_customer_id for each in containers} - {""}
    others = sorted(values - own)
    if not others:
        return passed(f"only {', '.join(sorted(values)) or 'nobody'} may be granted something")
    if allowed_customers:
        return failed(f"not in allowed_customers: {', '.join(others)}")
    return unknown(f"whose {', '.join(others)} is is not known; name the company's own in allowed_customers")


@check(
    "gcp_orgpolicy_resource_locations_restricted",
    title="Resource locations are restricted to approved regions",
    severity="medium",
    fix="Set gcp.resourceLocations to the locations that the company has approved",
)
def resource_locations_restricted(
    policies: All[EffectivePolicy], *, allowed_locations: tuple[str, ...] = ()
) -> Verdict:
    rules = next((policy.spec.rules for policy in policies if policy.constraint == _LOCATIONS), ())
    allowed = {value for rule in rules if rule.values for value in rule.values.allowed_values}
    if any(rule.allow_all for rule in rules) or not (allowed or any(rule.deny_all for rule in rules)):
        return failed(f"{_LOCATIONS} allows every location, or only leaves some out")
    if any(rule.condition is not None for rule in rules):
        return unknown(f"what {_LOCATIONS} allows depends on tags of resources")
    shown = ", ".join(sorted(allowed))
    if not allowed_locations:
        return unknown(f"{shown} are allowed; which the company approves is to be named in allowed_locations")
    others = sorted(allowed - set(allowed_locations))
    groups = [value for value in others if value.startswith("in:")]
    if len(others) > len(groups):
        return failed(f"not in allowed_locations: {', '.join(others)}")
    return unknown(f"which locations are in {', '.join(groups)} is not read") if groups else passed(f"only {shown}")
