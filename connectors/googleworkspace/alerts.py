"""Alerts of the alert center, without what they quote. Off by default: Google has no scope that only reads them."""

from __future__ import annotations

from msgspec import Struct

from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import ALERTS
from connectors.googleworkspace._sdk.settings import Settings

LIST = "alertcenter.alerts.list"


@resource(
    "googleworkspace.alertcenter.alert",
    key="alertId",
    volatile=("etag", "updateTime", "metadata"),
    redact=("data", "securityInvestigationToolLink"),
)
class Alert(Struct, frozen=True, kw_only=True):
    """An alert; what it is about is redacted, because it quotes mail, files and people."""

    alertId: str  # noqa: N815  Google's name
    type: str


def _wanted(settings: Settings) -> bool:
    return settings.alerts


@googleworkspace.collects(Alert, at="customer", call=LIST, permissions=ALERTS, when=_wanted)
def alerts(client: Workspace) -> Listed:
    yield from client.pages(LIST, key="alerts", pageSize=200)
