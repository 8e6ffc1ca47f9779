"""The Azure connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.azure._sdk.answers import ANSWERS
from connectors.azure._sdk.client import Azure, connect
from connectors.azure._sdk.roll_out import forms
from connectors.azure._sdk.settings import Settings, quota, roots
from connectors.azure.permissions import document

azure: Connector[Settings, Azure] = Connector(
    name="azure",
    title="Microsoft Azure",
    settings=Settings,
    levels=("subscription",),
    roots=roots,
    connect=connect,
    close=Azure.close,
    quota=quota,
    identity=Azure.identity,
    identity_of=lambda settings, _scope: settings.identity,
    check_prefixes=("azure_",),
    permissions_document=document,
    roll_out=forms,
    docs="docs/connectors/azure.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
