"""Groups, with everybody who is a member of them, by other groups too."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from collector.core.connectors import Listed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import GROUPS, MEMBERS

LIST = "directory.groups.list"
MEMBERS_LIST = "directory.members.list"


class GroupMember(Struct, frozen=True, kw_only=True):
    """A member; `type` is USER, GROUP, CUSTOMER (everybody in the company) or EXTERNAL."""

    id: str | None = None  # left out for addresses that are no account of Google
    type: str


@resource(
    "googleworkspace.directory.group",
    key="email",
    volatile=("etag", "directMembersCount"),
    redact=(Redact("members.email", keep="domain"),),
)
class Group(Struct, frozen=True, kw_only=True):
    """A group."""

    id: str
    email: str
    members: tuple[GroupMember, ...]


@googleworkspace.collects(Group, at="customer", call=LIST, permissions=GROUPS)
def groups(client: Workspace) -> Listed:
    yield from client.pages(LIST, key="groups", customer=client.customer, maxResults=200)


@googleworkspace.part(Group, "members", call=MEMBERS_LIST, permissions=MEMBERS)
def members(client: Workspace, group: Body) -> Any:
    listed = client.pages(
        MEMBERS_LIST, key="members", groupKey=group["id"], maxResults=200, includeDerivedMembership=True
    )
    return [{name: value for name, value in member.items() if name != "etag"} for member in listed]


@dataclass(frozen=True)
class Membership:
    """Who is a member of some groups.

    `of_everybody`: one of them has the whole company in it. `is_listed`: the list of groups has all of them.
    """

    ids: frozenset[str]
    of_everybody: bool
    is_listed: bool = True

    def has(self, user_id: str) -> bool:
        """Whether a user of the company is a member."""
        return self.of_everybody or user_id in self.ids


def members_of(groups: Iterable[Group], wanted: Collection[str]) -> Membership:
    """Return who is in the groups with the given ids. Reads no group where none is wanted."""
    if not wanted:
        return Membership(frozenset(), of_everybody=False)
    named = [group for group in groups if group.id in wanted]
    found = [member for group in named for member in group.members]
    ids = frozenset(member.id for member in found if member.id is not None)
    of_everybody = any(member.type == "CUSTOMER" for member in found)
    return Membership(ids, of_everybody, is_listed={group.id for group in named} == set(wanted))
