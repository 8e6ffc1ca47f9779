"""Macie: whether it is on in a region, and looks through buckets by itself. What it found is never asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.errors import MACIE_IS_OFF


class State(Struct, frozen=True, kw_only=True, rename="camel"):
    """A state: ENABLED, or PAUSED or DISABLED."""

    status: str


@resource("aws.macie2.region")
class MacieRegion(Struct, frozen=True, kw_only=True, rename="camel"):
    """Macie in one region of an account."""

    region: str
    session: State | None  # None: AWS says that it is not enabled
    discovery: State | None  # None: likewise


@aws.collects(MacieRegion, at="region", call=NO_CALL)
def regions(account: Account) -> Iterator[Body]:
    yield {"accountId": account.id, "region": account.region}


@aws.part(
    MacieRegion,
    "session",
    call="macie2:GetMacieSession",
    permissions="macie2:GetMacieSession",
    absent=MACIE_IS_OFF,
)
def session(account: Account, _region: Body) -> Any:
    return only(account.call("macie2", "GetMacieSession", having="status"), "status")


@aws.part(
    MacieRegion,
    "discovery",
    call="macie2:GetAutomatedDiscoveryConfiguration",
    permissions="macie2:GetAutomatedDiscoveryConfiguration",
    absent=MACIE_IS_OFF,
)
def discovery(account: Account, _region: Body) -> Any:
    return only(account.call("macie2", "GetAutomatedDiscoveryConfiguration", having="status"), "status")
