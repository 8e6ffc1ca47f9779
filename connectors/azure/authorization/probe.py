"""Which permissions the source lacks in a subscription, by the roles that Azure says it has there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from collector.core.connectors import Lacking
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.roll_out import GRAPH_PREFIX, mend
from connectors.azure.authorization.resources import (
    DEFINITIONS,
    OWN_ASSIGNMENTS,
    READ_ASSIGNMENTS,
    READ_DEFINITIONS,
    RoleDefinition,
    is_over_subscription,
    role_of,
)
from connectors.azure.authorization.role_actions import Permission, allows


@azure.probes(
    at="subscription", call=(OWN_ASSIGNMENTS, DEFINITIONS), permissions=(READ_ASSIGNMENTS, READ_DEFINITIONS), mend=mend
)
def lacking(subscription: Azure, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield what no role of the source allows in the whole subscription; deny assignments are not looked at."""
    own = {
        role_of(body["properties"]["roleDefinitionId"])
        for body in subscription.pages(OWN_ASSIGNMENTS, principal=subscription.object_id())
        if is_over_subscription(body["properties"]["scope"])
    }
    allowed: list[Permission] = []
    for body in subscription.pages(DEFINITIONS):
        if role_of(body["id"]) in own:
            allowed += msgspec.convert(body, RoleDefinition).properties.permissions
    granted = subscription.graph_permissions()
    for permission in permissions:
        if permission.startswith(GRAPH_PREFIX):
            name = permission.removeprefix(GRAPH_PREFIX)
            if granted is None:
                yield Lacking(permission, "the token for Microsoft Graph does not say what it may read", certain=False)
            elif name not in granted:
                yield Lacking(permission, "the token for Microsoft Graph does not have it")
        elif not allows(allowed, permission):
            yield Lacking(permission, "no role of the source allows it in the whole subscription")
