"""Rules: data loss prevention, and alerts that Google defines."""

from __future__ import annotations

from typing import Any

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.googleworkspace._policy.people import EVERYBODY
from connectors.googleworkspace._policy.reducing import Applied
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

DLP = "rule.dlp"
ALERTS = "rule.system_defined_alerts"

_SERVICES = {"drive": "Drive", "gmail": "Gmail", "chat": "Chat"}
_ACTS = frozenset({"blockAccess", "blockContent", "warnUser", "quarantineMessage"})
"""What a rule does to what it finds; `auditOnly` does nothing to it."""


@check(
    "googleworkspace_policy_dlp_rule_active",
    title="An active DLP rule covers Drive, and Gmail or Chat",
    severity="medium",
    fix="Create rules for data protection that block or warn, for Drive and for Gmail or Chat, for the whole company",
)
def dlp_rule_active(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    covered: set[str] = set()
    perhaps: set[str] = set()
    for applied in all_policies(policies, units).applied(DLP):
        if applied.policy.value.get("state") != "ACTIVE":
            continue
        acting = _acting(applied)
        # A rule is for whom its policy applies to; whether those are all whose data matters, nobody says.
        (covered if applied.people == EVERYBODY else perhaps).update(service for service, is_sure in acting if is_sure)
        perhaps.update(service for service, is_sure in acting if not is_sure)
    if "drive" in covered and covered & {"gmail", "chat"}:
        return passed(f"active rules act on {', '.join(_SERVICES[one] for one in sorted(covered))}")
    either = covered | perhaps
    missing = [
        name
        for name, is_there in (("Drive", "drive" in either), ("Gmail or Chat", either & {"gmail", "chat"}))
        if not is_there
    ]
    if missing:
        return failed(f"no active rule for data protection acts on {' and '.join(missing)}")
    return unknown("the active rules for data protection are for some people only, or do what is not understood")


def _acting(applied: Applied) -> list[tuple[str, bool]]:
    """Return the services that a rule is triggered by, and whether it is known to act there."""
    value = applied.policy.value
    triggers = value.get("triggers")
    actions = value.get("action")
    found = []
    for service in _SERVICES:
        prefix = f"google.workspace.{service}."
        if not any(str(trigger).startswith(prefix) for trigger in (triggers if isinstance(triggers, list) else ())):
            continue
        action: Any = actions.get(f"{service}Action") if isinstance(actions, dict) else None
        if not isinstance(action, dict) or not action or set(action) <= {"auditOnly"}:
            continue
        found.append((service, bool(_ACTS & action.keys())))
    return found


@check(
    "googleworkspace_policy_alert_rules_active",
    title="System alert rules are active and notify someone",
    severity="medium",
    fix="Turn the rules listed on, and give them recipients",
)
def alert_rules_active(
    policies: All[Policy],
    units: All[OrgUnit],
    *,
    rules: tuple[str, ...] = (
        "Government-backed attacks",
        "Leaked password",
        "Suspicious login",
        "User granted Admin privilege",
        "User suspended due to suspicious activity",
    ),
) -> Verdict:
    found: dict[str, list[str | None]] = {}
    for applied in all_policies(policies, units).applied(ALERTS):
        name = str(applied.policy.value.get("displayName"))
        found.setdefault(name, []).append(_silent(name, applied.policy.value))
    # Of one rule that is listed twice, either may be in force.
    bad = [why for rule in rules if rule in found and (why := found[rule][0]) is not None and None not in found[rule]]
    if bad:
        return failed("; ".join(bad))
    torn = [rule for rule in rules if rule in found and len({why is None for why in found[rule]}) > 1]
    if torn:
        return unknown(f"Google lists these rules both as they should be and as not: {', '.join(torn)}")
    # The API returns rules that an administrator has changed, and documents no state of the others.
    missing = [rule for rule in rules if rule not in found]
    if missing:
        return unknown(
            f"Google does not show these rules, as it does where nobody has changed them: {', '.join(missing)}"
        )
    return passed(f"{len(rules)} rules are active and notify somebody")


def _silent(rule: str, value: dict[str, Any]) -> str | None:
    """Return why nobody hears of a rule; None where somebody does."""
    if value.get("state") != "ACTIVE":
        return f"{rule} is {value.get('state', 'in no state')}"
    action = value.get("action")
    center = action.get("alertCenterAction") if isinstance(action, dict) else None
    recipients = center.get("recipients") if isinstance(center, dict) else None
    return None if recipients else f"{rule} notifies nobody"
