"""The Okta connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.okta._sdk.answers import ANSWERS
from connectors.okta._sdk.client import Okta, connect
from connectors.okta._sdk.operations import APP
from connectors.okta._sdk.settings import Settings, credential, quota, roots
from connectors.okta.permissions import document

okta: Connector[Settings, Okta] = Connector(
    name="okta",
    title="Okta",
    settings=Settings,
    levels=("organization",),
    roots=roots,
    connect=connect,
    close=Okta.close,
    quota=quota,
    identity=Okta.identity,
    identity_call=APP,
    identity_of=credential,
    check_prefixes=("okta_",),
    permissions_document=document,
    docs="docs/connectors/okta.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
