"""The GitHub connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.github._sdk.answers import ANSWERS
from connectors.github._sdk.client import GitHub, connect
from connectors.github._sdk.errors import explain
from connectors.github._sdk.published import published
from connectors.github._sdk.settings import Settings, credential, quota, roots
from connectors.github.permissions import document

github: Connector[Settings, GitHub] = Connector(
    name="github",
    title="GitHub",
    settings=Settings,
    levels=("organization", "repository"),
    roots=roots,
    connect=connect,
    close=GitHub.close,
    explain=explain,
    quota=quota,
    identity=GitHub.identity,
    identity_call="GET /user",
    identity_of=credential,
    published=published,
    check_prefixes=("github_",),
    permissions_document=document,
    docs="docs/connectors/github.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
