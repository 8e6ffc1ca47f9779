"""EC2 networks: managed prefix lists, the company's own, those that others share with it, and AWS's.

https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class PrefixListEntry(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One range of addresses of a prefix list."""

    cidr: str = ""  # one that is left out or empty cannot be judged, and the other entries can


@resource("aws.vpc.prefix_list", key="PrefixListId")
class ManagedPrefixList(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A managed prefix list with the entries of its version in force."""

    prefix_list_id: str
    prefix_list_name: str = ""  # AWS gives it; a rule is told by the id
    entries: tuple[PrefixListEntry, ...]


@aws.collects(
    ManagedPrefixList,
    at="region",
    call="ec2:DescribeManagedPrefixLists",
    permissions="ec2:DescribeManagedPrefixLists",
)
def prefix_lists(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeManagedPrefixLists", "PrefixLists", MaxResults=100)


@aws.part(
    ManagedPrefixList,
    "Entries",
    call="ec2:GetManagedPrefixListEntries",
    permissions="ec2:GetManagedPrefixListEntries",
)
def prefix_list_entries(account: Account, prefix_list: Body) -> Any:
    listed = account.pages(
        "ec2",
        "GetManagedPrefixListEntries",
        "Entries",
        PrefixListId=prefix_list["PrefixListId"],
        MaxResults=100,
    )
    return list(listed)
