"""Who may read and join each group. Off by default: Google has no scope that only reads these."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.connectors import Listed
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import GROUP_SETTINGS, GROUPS
from connectors.googleworkspace.directory.groups import LIST

GET = "groupsSettings.groups.get"

_READERS = frozenset({"ALL_IN_DOMAIN_CAN_VIEW", "ALL_MEMBERS_CAN_VIEW", "ALL_MANAGERS_CAN_VIEW", "ALL_OWNERS_CAN_VIEW"})
_JOINING = frozenset({"ALL_IN_DOMAIN_CAN_JOIN", "INVITED_CAN_JOIN", "CAN_REQUEST_TO_JOIN"})


class OwnSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Settings of a group (https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups)."""

    who_can_view_group: str
    who_can_join: str


@resource("googleworkspace.directory.group_settings", key="email")
class GroupSettings(Struct, frozen=True, kw_only=True):
    """A group with its settings."""

    email: str
    settings: OwnSettings


@googleworkspace.collects(GroupSettings, at="customer", call=LIST, permissions=(GROUPS, GROUP_SETTINGS))
def groups_with_settings(client: Workspace) -> Listed:
    client.require_wanted(GROUP_SETTINGS)
    for group in client.pages(LIST, key="groups", customer=client.customer, maxResults=200):
        yield {"id": group["id"], "email": group["email"]}


@googleworkspace.part(GroupSettings, "settings", call=GET, permissions=GROUP_SETTINGS)
def own_settings(client: Workspace, group: Body) -> Any:
    settings = client.ask(GET, groupUniqueId=group["email"])
    if not isinstance(settings, dict) or "whoCanViewGroup" not in settings:
        raise Unexpected(f"{GET} was answered without settings")
    return settings


@check(
    "googleworkspace_group_settings_not_public",
    title="No group can be read or joined from outside",
    severity="medium",
    fix="Let only members or the company read the group, and only people who were invited or the company join it",
)
def group_not_public(group: GroupSettings) -> Verdict:
    readers, joining = group.settings.who_can_view_group, group.settings.who_can_join
    bad = [
        what
        for value, wrong, what in (
            (readers, "ANYONE_CAN_VIEW", "anybody on the internet may read it"),
            (joining, "ANYONE_CAN_JOIN", "anybody may join it"),
        )
        if value == wrong
    ]
    if bad:
        return failed(f"{group.email}: {' and '.join(bad)}, unless the settings of the company keep groups private")
    if readers not in _READERS or joining not in _JOINING:
        return unknown(f"{group.email}: {readers} and {joining} are not both words that Google documents")
    return passed()
