"""Who may register and join devices to the directory, and what it takes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import DEVICE_REGISTRATION, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.sign_in.conditional_access import Policy
from connectors.entra.sign_in.conditions import PLATFORMS
from connectors.entra.sign_in.demands import demands_mfa
from connectors.entra.sign_in.effective import EVERYBODY, Rule, Sure, enforced, leaves_somebody_out

_ALL = "#microsoft.graph.allDeviceRegistrationMembership"
_REGISTER = "urn:user:registerdevice"


class Membership(Struct, frozen=True, kw_only=True):
    """All, some or none, by its type."""

    type: str = field(name="@odata.type")


class LocalAdmins(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who administers a computer that is joined."""

    enable_global_admins: bool | None  # null: Microsoft does not say


class Join(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who may join a computer."""

    allowed_to_join: Membership
    local_admins: LocalAdmins | None = None  # left out before Microsoft had it


@resource("entra.policy.device_registration")
class DeviceRegistration(Struct, frozen=True, kw_only=True):
    """The policy of registering devices."""

    multi_factor: str = field(name="multiFactorAuthConfiguration")
    join: Join | None = field(name="azureADJoin", default=None)  # left out before Microsoft had it


@entra.collects(DeviceRegistration, at="tenant", call=DEVICE_REGISTRATION, permissions=permissions(DEVICE_REGISTRATION))
def device_registration(client: Graph) -> Iterator[Body]:
    yield client.get(
        DEVICE_REGISTRATION,
        lambda graph: graph.policies.device_registration_policy,
        having="multiFactorAuthConfiguration",
    )


@check(
    "entra_device_join_restricted",
    title="Device registration needs MFA and join is limited",
    severity="low",
    fix="Let some people join computers, demand a second factor for it, and make no global administrator a local one",
)
def device_join_restricted(policy: DeviceRegistration, policies: All[Policy]) -> Verdict:
    wrong: list[str] = []
    unsaid: list[str] = []
    if policy.join is None:
        unsaid.append("who may join computers is not said")
    else:
        if policy.join.allowed_to_join.type == _ALL:
            wrong.append("everybody may join computers")
        admins = policy.join.local_admins
        if admins is None or admins.enable_global_admins is None:
            unsaid.append("whether global administrators are administrators of joined computers is not said")
        elif admins.enable_global_admins:
            wrong.append("global administrators are administrators of joined computers")
    if policy.multi_factor != "required":
        rules = [
            rule
            for rule in enforced(policies)
            if rule.conditions.applications is not None
            and _REGISTER in rule.conditions.applications.include_user_actions
            and EVERYBODY in rule.users.include_users
            and demands_mfa(rule.policy)
        ]
        whole = [rule for rule in rules if _is_whole(rule)]
        if not rules:
            wrong.append("no second factor is demanded to register a device")
        elif not whole:
            unsaid.append("a second factor is demanded to register a device, but for exclusions and conditions")
    if wrong:
        return failed("; ".join(wrong))
    return unknown("; ".join(unsaid)) if unsaid else passed("joining is limited, and takes a second factor")


def _is_whole(rule: Rule) -> bool:
    """Whether a policy for the action is for everybody, on each platform, and under every condition."""
    platforms = all(rule.is_about_platform(platform) is Sure.YES for platform in PLATFORMS)
    return platforms and not rule.conditions.narrowed_by and not leaves_somebody_out([rule])
