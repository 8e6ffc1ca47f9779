"""Every resource of a subscription by name, place and tags.

Resource Manager's own list is read and not Resource Graph's, which lags, and leaves out what it may not show.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

RESOURCES = operation("GET /subscriptions/{subscription}/resources", "2021-04-01")


@resource("azure.arm.resource", key="id", redact=MAKERS)
class Resource(Struct, frozen=True, kw_only=True):
    """Any resource."""

    id: str
    name: str
    type: str
    tags: dict[str, str] | None = None  # left out or null where there are none

    def tag(self, name: str) -> str | None:
        """Return the value of a tag, whose name Azure takes in any case; None where there is none."""
        return next((value for key, value in (self.tags or {}).items() if key.lower() == name.lower()), None)


@azure.collects(
    Resource, at="subscription", call=RESOURCES, permissions="Microsoft.Resources/subscriptions/resources/read"
)
def everything(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(RESOURCES)
