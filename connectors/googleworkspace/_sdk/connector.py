"""The connector of Google Workspace. Collections and parts register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.googleworkspace._sdk.client import TOKEN, Workspace, connect
from connectors.googleworkspace._sdk.published import published
from connectors.googleworkspace._sdk.settings import Settings, credential, quota, roots
from connectors.googleworkspace.permissions import document, roll_out

googleworkspace: Connector[Settings, Workspace] = Connector(
    name="googleworkspace",
    title="Google Workspace",
    settings=Settings,
    levels=("customer",),
    roots=roots,
    connect=connect,
    close=Workspace.close,
    quota=quota,
    identity=Workspace.identity,
    identity_call=TOKEN,
    identity_of=credential,
    published=published,
    check_prefixes=("googleworkspace_",),
    permissions_document=document,
    roll_out=roll_out,
    docs="docs/connectors/googleworkspace.md",
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
