"""What has to happen before somebody activates a role."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import ROLE_POLICIES, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.roles.privileged import GLOBAL_ADMINISTRATOR, role_name

_APPROVAL = "Approval_EndUser_Assignment"
_ENABLEMENT = "Enablement_EndUser_Assignment"
_CONTEXT = "AuthenticationContext_EndUser_Assignment"


class Approval(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether somebody else has to agree."""

    is_approval_required: bool | None = None  # null or left out: not


class RuleOfRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """One rule of the policy of a role. Which fields there are depends on its type."""

    id: str
    type: str = field(name="@odata.type")
    setting: Approval | None = None  # rules of approval only
    enabled_rules: tuple[str, ...] = ()  # rules of enablement only
    is_enabled: bool | None = None  # rules of an authentication context only


class PolicyOfRole(Struct, frozen=True, kw_only=True):
    """The policy of a role."""

    rules: tuple[RuleOfRole, ...]


@resource("entra.role.management_policy", key="id", redact=("policy.lastModifiedBy",))
class RolePolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which policy a role has."""

    id: str
    role_definition_id: str
    policy: PolicyOfRole


@entra.collects(RolePolicy, at="tenant", call=ROLE_POLICIES, permissions=permissions(ROLE_POLICIES))
def role_policies(client: Graph) -> Iterator[Body]:
    options = {
        "filter": "scopeId eq '/' and scopeType eq 'DirectoryRole'",
        "expand": ("policy($expand=rules)",),
    }
    return client.pages(ROLE_POLICIES, lambda graph: graph.policies.role_management_policy_assignments, options)


@check(
    "entra_pim_activation_approval",
    title="Activating Global Administrator needs approval and MFA",
    severity="medium",
    fix="Demand approval, a reason and a second factor, or an authentication context, in the settings of the role",
)
def activation_approval(policy: RolePolicy, *, roles: tuple[str, ...] = (GLOBAL_ADMINISTRATOR,)) -> Verdict:
    name = role_name(policy.role_definition_id)
    if policy.role_definition_id not in roles:
        return not_applicable(f"{name} is not among the roles that this is demanded of")
    rules = {rule.id: rule for rule in policy.policy.rules}
    if _APPROVAL not in rules or _ENABLEMENT not in rules:
        return unknown(f"Microsoft does not show what activating {name} takes")
    setting, enabled = rules[_APPROVAL].setting, set(rules[_ENABLEMENT].enabled_rules)
    context = rules.get(_CONTEXT)
    wrong = []
    if setting is None or not setting.is_approval_required:
        wrong.append("nobody else has to agree")
    if "Justification" not in enabled:
        wrong.append("no reason is asked for")
    if "MultiFactorAuthentication" not in enabled:
        if context is not None and context.is_enabled:
            if not wrong:
                return unknown(f"activating {name} demands an authentication context, whose policies are not looked at")
        else:
            wrong.append("no second factor is asked for")
    if wrong:
        return failed(f"to activate {name} {', '.join(wrong)}")
    return passed(f"to activate {name} somebody else has to agree, and a reason and a second factor are asked for")
