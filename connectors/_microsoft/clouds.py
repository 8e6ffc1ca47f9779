"""Microsoft's clouds: the global one and the sovereign ones, each with its own addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CloudName = Literal["public", "us-government", "us-government-dod", "china"]


@dataclass(frozen=True)
class Cloud:
    """Where a cloud issues tokens, and where it answers."""

    authority: str
    graph: str
    arm: str

    @property
    def graph_scope(self) -> str:
        """The scope of a token for Microsoft Graph."""
        return f"{self.graph}/.default"

    @property
    def arm_scope(self) -> str:
        """The scope of a token for Azure Resource Manager."""
        return f"{self.arm}/.default"


# https://learn.microsoft.com/graph/deployments, https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
CLOUDS: dict[CloudName, Cloud] = {
    "public": Cloud(
        authority="https://login.microsoftonline.com",
        graph="https://graph.microsoft.com",
        arm="https://management.azure.com",
    ),
    "us-government": Cloud(
        authority="https://login.microsoftonline.us",
        graph="https://graph.microsoft.us",
        arm="https://management.usgovcloudapi.net",
    ),
    "us-government-dod": Cloud(
        authority="https://login.microsoftonline.us",
        graph="https://dod-graph.microsoft.us",
        arm="https://management.usgovcloudapi.net",
    ),
    "china": Cloud(
        authority="https://login.chinacloudapi.cn",
        graph="https://microsoftgraph.chinacloudapi.cn",
        arm="https://management.chinacloudapi.cn",
    ),
}
