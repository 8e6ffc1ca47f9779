"""Drive and Docs: sharing with people outside, publishing, defaults of new files, shared drives, Drive for desktop.

Defaults: as in `sign_in`, from Google's page "Policy API concepts", section "Default field values". Trust rules, which
some companies have in place of these settings, are not shown by the API.
"""

from __future__ import annotations

from collector.core.checks import All, Verdict, check
from connectors.googleworkspace._policy.judging import Rule, UnclearError, Values, judge
from connectors.googleworkspace._policy.reducing import Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

SERVICE = Setting("drive_and_docs.service_status")("serviceState")
SHARING = Setting(
    "drive_and_docs.external_sharing",
    defaults={"externalSharingMode": "ALLOWED", "allowPublishingFiles": True, "warnForExternalSharing": True},
)
ACCESS = Setting("drive_and_docs.general_access_default", defaults={"defaultFileAccess": "LINK_SHARING_PRIVATE"})
SHARED_DRIVES = Setting("drive_and_docs.shared_drive_creation")
DESKTOP = Setting("drive_and_docs.drive_for_desktop")

MODE = SHARING("externalSharingMode")
_MODES = frozenset({"ALLOWED", "ALLOWLISTED_DOMAINS", "DISALLOWED"})
# Google's pages have two words for it: that of the settings table, and that of the table of defaults.
_PRIVATE = frozenset({"PRIVATE_TO_OWNER", "LINK_SHARING_PRIVATE"})
_FILE_ACCESS = _PRIVATE | {"PRIMARY_AUDIENCE_WITH_LINK", "PRIMARY_AUDIENCE_WITH_LINK_OR_SEARCH"}


def _judge(policies: All[Policy], units: All[OrgUnit], *rules: Rule) -> Verdict:
    return judge(all_policies(policies, units), rules, service=SERVICE, of_service="Drive")


@check(
    "googleworkspace_policy_drive_external_sharing_restricted",
    title="Drive external sharing is off, allowlisted or warned",
    severity="high",
    fix="Turn sharing outside the company off, or allow it with listed domains only",
)
def external_sharing_restricted(
    policies: All[Policy], units: All[OrgUnit], *, accept_allowed_with_warning: bool = False
) -> Verdict:
    warned = SHARING("warnForExternalSharing")

    def with_anybody(values: Values) -> str | None:
        if values.word(MODE, _MODES) != "ALLOWED" or (accept_allowed_with_warning and values.flag(warned)):
            return None
        return f"files may be shared with anybody outside ({values.shown(MODE)}; {values.shown(warned)})"

    return _judge(policies, units, Rule((MODE, warned), with_anybody))


@check(
    "googleworkspace_policy_drive_no_public_publishing",
    title="Files cannot be published to the web",
    severity="high",
    fix="Turn off that files can be made visible to anyone with the link",
)
def no_publishing(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    publishing = SHARING("allowPublishingFiles")

    def published(values: Values) -> str | None:
        if values.word(MODE, _MODES) == "DISALLOWED" or not values.flag(publishing):
            return None
        if values.word(MODE, _MODES) == "ALLOWLISTED_DOMAINS":
            # The Admin console offers it only where sharing is open to all; what the stored value does, nobody says.
            raise UnclearError(f"{values.shown(publishing)} while sharing is limited to listed domains")
        return f"files may be made visible to anyone ({values.shown(publishing)})"

    return _judge(policies, units, Rule((MODE, publishing), published))


@check(
    "googleworkspace_policy_drive_default_private",
    title="New files are private by default",
    severity="medium",
    fix="Make new files private to their owner by default",
)
def default_private(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    access = ACCESS("defaultFileAccess")

    def shared(values: Values) -> str | None:
        if values.word(access, _FILE_ACCESS) in _PRIVATE:
            return None
        return f"new files are open to others in the company ({values.shown(access)})"

    return _judge(policies, units, Rule((access,), shared))


@check(
    "googleworkspace_policy_shared_drive_controls",
    title="Shared drives prevent overrides and non-member access",
    severity="medium",
    fix="Keep managers from overriding the settings of shared drives, and non-members and readers from taking files",
)
def shared_drive_controls(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    override, outsiders = SHARED_DRIVES("allowManagersToOverrideSettings"), SHARED_DRIVES("allowNonMemberAccess")
    copying = SHARED_DRIVES("allowedPartiesForDownloadPrintCopy")

    def overridden(values: Values) -> str | None:
        return "managers may override the settings of a shared drive" if values.flag(override) else None

    def open_to_non_members(values: Values) -> str | None:
        return "people who are no members may be given files of a shared drive" if values.flag(outsiders) else None

    def copied(values: Values) -> str | None:
        if values.word(copying, {"ALL", "EDITORS_ONLY", "MANAGERS_ONLY"}) != "ALL":
            return None
        return "readers may download, print and copy files of a shared drive"

    return _judge(
        policies,
        units,
        Rule((override,), overridden),
        Rule((outsiders,), open_to_non_members),
        Rule((copying,), copied),
    )


@check(
    "googleworkspace_policy_drive_desktop_restricted",
    title="Drive for desktop is limited to authorised devices",
    severity="medium",
    fix="Turn Drive for desktop off, or allow it on authorized devices only",
)
def desktop_restricted(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    allowed, restricted = DESKTOP("allowDriveForDesktop"), DESKTOP("restrictToAuthorizedDevices")

    def anywhere(values: Values) -> str | None:
        if not values.flag(allowed) or values.flag(restricted):
            return None
        return "files may be synchronized to any device"

    return _judge(policies, units, Rule((allowed, restricted), anywhere))
