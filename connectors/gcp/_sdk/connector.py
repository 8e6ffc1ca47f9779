"""The Google Cloud connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.gcp._sdk.client import GoogleCloud, connect
from connectors.gcp._sdk.roll_out import forms
from connectors.gcp._sdk.settings import TOKENS, Settings, credential, quota, roots
from connectors.gcp.permissions import document

gcp: Connector[Settings, GoogleCloud] = Connector(
    name="gcp",
    title="Google Cloud",
    settings=Settings,
    levels=("project",),
    roots=roots,
    connect=connect,
    close=GoogleCloud.close,
    quota=quota,
    identity=GoogleCloud.identity,
    identity_call=TOKENS,
    identity_of=credential,
    check_prefixes=("gcp_",),
    permissions_document=document,
    roll_out=forms,
    docs="docs/connectors/gcp.md",
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
