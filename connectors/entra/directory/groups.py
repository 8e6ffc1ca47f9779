"""Members of groups, through all levels, for what names groups: policies and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from connectors.entra._sdk.calls import GROUP_MEMBERS

if TYPE_CHECKING:
    from collector.core.resources import Body
    from connectors.entra._sdk.client import Graph

_MOST_A_PAGE = 999


class GroupMember(Struct, frozen=True, kw_only=True):
    """A member of a group, of whatever type; groups in it are listed too, besides their members."""

    id: str
    # Left out where nothing but the id may be read of an object.
    type: str = field(name="@odata.type", default="")


def members_of(client: Graph, group: str) -> list[Body]:
    """Return the members of a group and of all groups in it; read once by a client. Raises ConnectorError."""
    options = {"select": ("id",), "top": _MOST_A_PAGE}
    return client.once.get(
        f"members of {group}",
        lambda: list(
            client.pages(GROUP_MEMBERS, lambda graph: graph.groups.by_group_id(group).transitive_members, options)
        ),
    )
