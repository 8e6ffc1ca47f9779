"""Groups and the rules that put people into them: evidence of how people come by access."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import GROUP_RULES, GROUPS, scopes_of


class GroupProfile(Struct, frozen=True, kw_only=True):
    """What a group is called."""

    name: str


@resource("okta.group.group", key="id")
class Group(Struct, frozen=True, kw_only=True):
    """A group: Okta's own, of an application or directory, or everybody."""

    id: str
    type: str
    profile: GroupProfile


@resource("okta.group.rule", key="id")
class GroupRule(Struct, frozen=True, kw_only=True):
    """A rule that puts people into groups by what their profiles say."""

    id: str
    name: str
    status: str


@okta.collects(Group, at="organization", call=GROUPS, permissions=scopes_of(GROUPS))
def groups(client: Okta) -> Iterator[Body]:
    yield from client.pages(GROUPS, query={"limit": PAGE})


@okta.collects(GroupRule, at="organization", call=GROUP_RULES, permissions=scopes_of(GROUP_RULES))
def group_rules(client: Okta) -> Iterator[Body]:
    yield from client.pages(GROUP_RULES, query={"limit": PAGE})
