"""The GitLab connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from pathlib import Path

from collector.core.connectors import Connector
from connectors.gitlab._sdk.answers import ANSWERS
from connectors.gitlab._sdk.calls import USER
from connectors.gitlab._sdk.client import GitLab, connect
from connectors.gitlab._sdk.settings import Settings, quota, roots
from connectors.gitlab.permissions import document

gitlab: Connector[Settings, GitLab] = Connector(
    name="gitlab",
    title="GitLab",
    settings=Settings,
    levels=("group", "project"),
    roots=roots,
    connect=connect,
    close=GitLab.close,
    quota=quota,
    identity=GitLab.identity,
    identity_call=USER,
    identity_of=lambda settings, _scope: f"{settings.url} token {settings.token.source}",
    check_prefixes=("gitlab_",),
    permissions_document=document,
    docs="docs/connectors/gitlab.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
