"""OAuth scopes: one for each kind of call, and what scopes that write would allow.

Google authorizes a service account for scopes of a whole domain, and refuses a token for several of them where one is
not authorized. So each call is made with a token for its own scope alone, and a refusal names that scope.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors._google import Operation

_AUTH = "https://www.googleapis.com/auth/"

USERS = f"{_AUTH}admin.directory.user.readonly"
ROLES = f"{_AUTH}admin.directory.rolemanagement.readonly"
GROUPS = f"{_AUTH}admin.directory.group.readonly"
MEMBERS = f"{_AUTH}admin.directory.group.member.readonly"
ORG_UNITS = f"{_AUTH}admin.directory.orgunit.readonly"
DOMAINS = f"{_AUTH}admin.directory.domain.readonly"
MOBILE = f"{_AUTH}admin.directory.device.mobile.readonly"
CHROMEOS = f"{_AUTH}admin.directory.device.chromeos.readonly"
DEVICES = f"{_AUTH}cloud-identity.devices.readonly"
POLICIES = f"{_AUTH}cloud-identity.policies.readonly"
SINGLE_SIGN_ON = f"{_AUTH}cloud-identity.inboundsso.readonly"
AUDIT = f"{_AUTH}admin.reports.audit.readonly"
USAGE = f"{_AUTH}admin.reports.usage.readonly"

GROUP_SETTINGS = f"{_AUTH}apps.groups.settings"
USER_SECURITY = f"{_AUTH}admin.directory.user.security"
ALERTS = f"{_AUTH}apps.alerts"

READ_ONLY = (
    USERS, ROLES, GROUPS, MEMBERS, ORG_UNITS, DOMAINS, MOBILE, CHROMEOS, DEVICES, POLICIES, SINGLE_SIGN_ON,
    AUDIT, USAGE,
)  # fmt: skip

OPTIONAL: Mapping[str, str] = {
    GROUP_SETTINGS: "change the settings of any group, such as who may read it and join it",
    USER_SECURITY: "revoke what users granted to apps, delete their app passwords and backup codes, sign them out, and"
    " turn their 2-step verification off",
    ALERTS: "delete and restore alerts of the alert center, and give feedback on them",
}
"""Scopes without a read-only form, with what else each allows. None is used unless the settings say so."""

WRITING = (
    f"{_AUTH}admin.directory.user",
    f"{_AUTH}admin.directory.rolemanagement",
    f"{_AUTH}admin.directory.group",
    f"{_AUTH}admin.directory.group.member",
    f"{_AUTH}admin.directory.orgunit",
    f"{_AUTH}admin.directory.domain",
    f"{_AUTH}admin.directory.device.mobile",
    f"{_AUTH}admin.directory.device.mobile.action",
    f"{_AUTH}admin.directory.device.chromeos",
    f"{_AUTH}cloud-identity.devices",
    f"{_AUTH}cloud-identity.policies",
    f"{_AUTH}cloud-identity.inboundsso",
    f"{_AUTH}cloud-platform",
    *OPTIONAL,
)
"""Every scope that writes and by which calls of this connector could be made, as Google describes its APIs."""


def _directory(method: str) -> Operation:
    return Operation("admin", "directory_v1", method)


def _reports(method: str) -> Operation:
    return Operation("admin", "reports_v1", method)


def _identity(method: str) -> Operation:
    return Operation("cloudidentity", "v1", method)


CALLS: Mapping[str, tuple[Operation, str]] = {
    operation.id: (operation, scope)
    for operation, scope in (
        (_directory("directory.users.list"), USERS),
        (_directory("directory.roleAssignments.list"), ROLES),
        (_directory("directory.roles.list"), ROLES),
        (_directory("directory.groups.list"), GROUPS),
        (_directory("directory.members.list"), MEMBERS),
        (_directory("directory.orgunits.list"), ORG_UNITS),
        (_directory("directory.domains.list"), DOMAINS),
        (_directory("directory.domainAliases.list"), DOMAINS),
        (_directory("directory.mobiledevices.list"), MOBILE),
        (_directory("directory.chromeosdevices.list"), CHROMEOS),
        (_directory("directory.tokens.list"), USER_SECURITY),
        (_identity("cloudidentity.devices.list"), DEVICES),
        (_identity("cloudidentity.policies.list"), POLICIES),
        (_identity("cloudidentity.inboundSamlSsoProfiles.list"), SINGLE_SIGN_ON),
        (_identity("cloudidentity.inboundSsoAssignments.list"), SINGLE_SIGN_ON),
        (_reports("reports.activities.list"), AUDIT),
        (_reports("reports.userUsageReport.get"), USAGE),
        (Operation("groupssettings", "v1", "groupsSettings.groups.get"), GROUP_SETTINGS),
        (Operation("alertcenter", "v1beta1", "alertcenter.alerts.list"), ALERTS),
    )
}
"""Each call with its operation and the scope that it is made with."""
