"""Groups, calendars and chat: what people outside the company may see and send.

Defaults: as in `sign_in`, from Google's page "Policy API concepts", section "Default field values".
"""

from __future__ import annotations

from collector.core.checks import All, Verdict, check
from connectors.googleworkspace._policy.judging import Rule, Values, judge
from connectors.googleworkspace._policy.reducing import Reducer, Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

GROUPS = Setting(
    "groups_for_business.groups_sharing",
    Reducer.MERGE,
    defaults={
        "collaborationCapability": "DOMAIN_USERS_ONLY",
        "ownersCanAllowExternalMembers": False,
        "viewTopicsDefaultAccessLevel": "DOMAIN_USERS",
    },
)
GROUPS_SERVICE = Setting("groups_for_business.service_status")("serviceState")
PRIMARY = Setting(
    "calendar.primary_calendar_max_allowed_external_sharing",
    Reducer.MERGE,
    defaults={"maxAllowedExternalSharing": "EXTERNAL_FREE_BUSY_ONLY"},
)
SECONDARY = Setting(
    "calendar.secondary_calendar_max_allowed_external_sharing",
    Reducer.MERGE,
    defaults={"maxAllowedExternalSharing": "EXTERNAL_ALL_INFO_READ_ONLY"},
)
CALENDAR_SERVICE = Setting("calendar.service_status")("serviceState")
CHAT = Setting(
    "chat.external_chat_restriction",
    Reducer.MERGE,
    defaults={"allowExternalChat": False, "externalChatRestriction": "NO_RESTRICTION"},
)
FILES = Setting("chat.chat_file_sharing")
CHAT_SERVICE = Setting("chat.service_status")("serviceState")

_FREE_BUSY = frozenset({"EXTERNAL_FREE_BUSY_ONLY", "EXTERNAL_SHARING_DISALLOWED"})
_CALENDAR = _FREE_BUSY | {
    "EXTERNAL_ALL_INFO_READ_ONLY",
    "EXTERNAL_ALL_INFO_READ_WRITE",
    "EXTERNAL_ALL_INFO_READ_WRITE_MANAGE",
}
_INSIDE = frozenset({"OWNERS", "MANAGERS", "GROUP_MEMBERS", "DOMAIN_USERS"})


@check(
    "googleworkspace_policy_groups_not_public",
    title="Groups are not accessible from outside",
    severity="medium",
    fix="Make groups private to the company, and do not let owners of groups add members from outside",
)
def groups_not_public(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    capability = GROUPS("collaborationCapability")
    outsiders, readers = GROUPS("ownersCanAllowExternalMembers"), GROUPS("viewTopicsDefaultAccessLevel")

    def public(values: Values) -> str | None:
        if values.word(capability, {"DOMAIN_USERS_ONLY", "ANYONE_CAN_ACCESS"}) == "DOMAIN_USERS_ONLY":
            return None
        return f"groups may be opened to anybody ({values.shown(capability)})"

    def open_to_members_outside(values: Values) -> str | None:
        return "owners may add members from outside" if values.flag(outsiders) else None

    def read_by_anybody(values: Values) -> str | None:
        values.word(readers, _INSIDE)  # anything else is unclear: no other word is documented
        return None

    rules = [
        Rule((capability,), public),
        Rule((outsiders,), open_to_members_outside),
        Rule((readers,), read_by_anybody),
    ]
    return judge(all_policies(policies, units), rules, service=GROUPS_SERVICE, of_service="Groups for Business")


@check(
    "googleworkspace_policy_calendar_sharing_limited",
    title="Calendars share only free/busy outside",
    severity="low",
    fix="Let primary and secondary calendars show people outside only whether somebody is free",
)
def calendar_sharing_limited(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    def shows_more(which: str, setting: Setting) -> Rule:
        shared = setting("maxAllowedExternalSharing")

        def more(values: Values) -> str | None:
            if values.word(shared, _CALENDAR) in _FREE_BUSY:
                return None
            return f"{which} calendars may show people outside what is in them ({values.shown(shared)})"

        return Rule((shared,), more)

    rules = [shows_more("primary", PRIMARY), shows_more("secondary", SECONDARY)]
    return judge(all_policies(policies, units), rules, service=CALENDAR_SERVICE, of_service="Calendar")


@check(
    "googleworkspace_policy_chat_external_restricted",
    title="External chat is off or limited to trusted domains",
    severity="medium",
    fix="Turn chat with people outside off or limit it to trusted domains, and keep files from being sent outside",
)
def chat_external_restricted(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    allowed, restriction = CHAT("allowExternalChat"), CHAT("externalChatRestriction")
    files = FILES("externalFileSharing")

    def with_anybody(values: Values) -> str | None:
        if not values.flag(allowed):
            return None
        if values.word(restriction, {"NO_RESTRICTION", "TRUSTED_DOMAINS"}) == "TRUSTED_DOMAINS":
            return None
        return f"people may chat with anybody outside ({values.shown(restriction)})"

    def files_go_out(values: Values) -> str | None:
        if not values.flag(allowed):
            return None
        if values.word(files, {"ALL_FILES", "IMAGES_ONLY", "NO_FILES"}) == "NO_FILES":
            return None
        return f"files may be sent to people outside by chat ({values.shown(files)})"

    rules = [Rule((allowed, restriction), with_anybody), Rule((allowed, files), files_go_out)]
    return judge(all_policies(policies, units), rules, service=CHAT_SERVICE, of_service="Chat")
