"""What Intune demands of devices before it calls them compliant, and to whom the policies are assigned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import COMPLIANCE_POLICIES, DEVICE_MANAGEMENT, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.devices.managed import Device

_PREFIX = "#microsoft.graph."

# The system that a policy is for, by its type; a device's own word for it is in PLATFORM_OF.
_SYSTEM_OF_POLICY = {
    "windows10CompliancePolicy": "Windows",
    "windows81CompliancePolicy": "Windows",
    "windows10MobileCompliancePolicy": "Windows Phone",
    "windowsPhone81CompliancePolicy": "Windows Phone",
    "macOSCompliancePolicy": "macOS",
    "iosCompliancePolicy": "iOS",
    "androidCompliancePolicy": "Android",
    "androidWorkProfileCompliancePolicy": "Android",
    "androidDeviceOwnerCompliancePolicy": "Android",
    "aospDeviceOwnerCompliancePolicy": "Android",
}
_SYSTEM_OF_DEVICE = {
    "windows": "Windows",
    "macos": "macOS",
    "mac": "macOS",
    "ios": "iOS",
    "ipados": "iOS",
    "android": "Android",
    "androidforwork": "Android",
    "androidenterprise": "Android",
}


class Target(Struct, frozen=True, kw_only=True):
    """To whom something is assigned: a group, all users with a licence, or all devices; or who is left out."""

    type: str = field(name="@odata.type")


class Assignment(Struct, frozen=True, kw_only=True):
    """One assignment of a policy."""

    target: Target


@resource("m365.intune.compliance_policy", key="id")
class CompliancePolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """A compliance policy; what it can demand differs by system, so the settings below are not in every one."""

    id: str
    display_name: str | None  # null: it has no name
    type: str = field(name="@odata.type")
    assignments: tuple[Assignment, ...]
    # Windows, macOS and Android have the first two, iOS the others.
    password_required: bool | None = None
    password_minutes_of_inactivity_before_lock: int | None = None
    passcode_required: bool | None = None
    passcode_minutes_of_inactivity_before_lock: int | None = None
    passcode_minutes_of_inactivity_before_screen_timeout: int | None = None

    @property
    def name(self) -> str:
        """What people call the policy."""
        return self.display_name or self.id

    @property
    def system(self) -> str | None:
        """The system that it is for; None for a type that is not known."""
        return _SYSTEM_OF_POLICY.get(self.type.removeprefix(_PREFIX))

    @property
    def is_assigned(self) -> bool:
        """Whether anybody or any device has it; an assignment that only leaves a group out gives it to nobody."""
        return any(
            assignment.target.type != f"{_PREFIX}exclusionGroupAssignmentTarget" for assignment in self.assignments
        )


class ManagementRules(Struct, frozen=True, kw_only=True, rename="camel"):
    """How Intune treats devices that no policy is about."""

    secure_by_default: bool  # a device without a policy is not compliant


@resource("m365.intune.settings")
class DeviceManagement(Struct, frozen=True, kw_only=True):
    """The tenant's settings of Intune."""

    settings: ManagementRules | None  # null: never set, and then devices without a policy are compliant


@entra.collects(CompliancePolicy, at="tenant", call=COMPLIANCE_POLICIES, permissions=permissions(COMPLIANCE_POLICIES))
def compliance_policies(client: Graph) -> Iterator[Body]:
    options = {"expand": ("assignments",)}
    return client.pages(COMPLIANCE_POLICIES, lambda graph: graph.device_management.device_compliance_policies, options)


@entra.collects(DeviceManagement, at="tenant", call=DEVICE_MANAGEMENT, permissions=permissions(DEVICE_MANAGEMENT))
def device_management(client: Graph) -> Iterator[Body]:
    options = {"select": ("id", "settings", "subscriptionState", "intuneAccountId")}
    yield client.get(DEVICE_MANAGEMENT, lambda graph: graph.device_management, options, having="settings")


@check(
    "m365_device_compliance_policy_assigned",
    title="Compliance policies are assigned for each platform in use",
    severity="high",
    fix="Assign a compliance policy for each system in use, and mark devices without one as not compliant",
)
def compliance_policy_assigned(
    management: DeviceManagement, policies: All[CompliancePolicy], devices: All[Device]
) -> Verdict:
    assigned = {policy.system for policy in policies if policy.is_assigned}
    in_use: dict[str, int] = defaultdict(int)
    other: dict[str, int] = defaultdict(int)
    for device in devices:
        system = _SYSTEM_OF_DEVICE.get((device.operating_system or "").lower())
        if system is None:
            other[device.operating_system or "no system reported"] += 1
        else:
            in_use[system] += 1
    missing = [f"{system} ({number} devices)" for system, number in sorted(in_use.items()) if system not in assigned]
    if missing:
        return failed(f"no compliance policy is assigned for {', '.join(missing)}")
    if management.settings is None or not management.settings.secure_by_default:
        return failed("devices that no compliance policy is about count as compliant")
    if other:
        return unknown(
            "policies for these systems are not read: "
            + ", ".join(f"{system} ({number} devices)" for system, number in sorted(other.items()))
        )
    if not in_use:
        return passed("there is no managed device, and one without a policy would not be compliant")
    return passed(f"a compliance policy is assigned for {', '.join(sorted(in_use))}; devices without one fail")


def _minutes_on_ios(policy: CompliancePolicy) -> int | None:
    """Return after how many minutes nobody can use a phone that was left lying; None where that may never be."""
    off, locked = (
        policy.passcode_minutes_of_inactivity_before_screen_timeout,
        policy.passcode_minutes_of_inactivity_before_lock,
    )
    return None if off is None or locked is None else off + locked


@check(
    "m365_devices_screen_lock",
    title="Compliance policies require an inactivity lock",
    severity="medium",
    fix="Demand a password, and a lock after some minutes, in the compliance policy",
)
def devices_screen_lock(policy: CompliancePolicy, *, longest_minutes: int = 15) -> Verdict:
    """Of policies that somebody has. On iOS the screen goes off after some time, and is locked some time after that."""
    if not policy.is_assigned:
        return not_applicable(f"{policy.name} is assigned to nobody")
    if policy.system is None:
        return unknown(f"{policy.name} is of a type of which no settings are read: {policy.type}")
    is_ios = policy.system == "iOS"
    required = policy.passcode_required if is_ios else policy.password_required
    minutes = _minutes_on_ios(policy) if is_ios else policy.password_minutes_of_inactivity_before_lock
    if required is None:
        return unknown(f"Intune does not say whether {policy.name} demands a password")
    if not required:
        return failed(f"{policy.name} demands no password")
    if minutes is None:
        return failed(f"{policy.name} demands a password, and no lock after some time")
    said = f"{policy.name} demands a lock after {minutes} minutes; {longest_minutes} are allowed"
    return passed(said) if minutes <= longest_minutes else failed(said)
