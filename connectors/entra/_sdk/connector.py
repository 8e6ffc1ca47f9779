"""The connector of Entra ID and Microsoft 365. Collections and parts register when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.entra._sdk.answers import ANSWERS
from connectors.entra._sdk.client import Graph, connect
from connectors.entra._sdk.settings import Settings, quota, roots
from connectors.entra.permissions import document, forms

entra: Connector[Settings, Graph] = Connector(
    name="entra",
    title="Microsoft Entra ID and Microsoft 365",
    settings=Settings,
    levels=("tenant",),
    roots=roots,
    connect=connect,
    close=Graph.close,
    quota=quota,
    identity=Graph.identity,
    identity_of=lambda settings, _scope: settings.identity,
    check_prefixes=("entra_", "m365_"),
    permissions_document=document,
    roll_out=forms,
    docs="docs/connectors/entra.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
