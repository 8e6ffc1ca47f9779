"""The AWS connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from collector.core.connectors import Connector
from collector.core.scopes import Scope
from collector.core.wire import Wire
from connectors.aws._sdk.answers import ANSWERS
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.published import published
from connectors.aws._sdk.roll_out.forms import forms
from connectors.aws._sdk.settings import Settings, account_of, named_below, quota, roots
from connectors.aws.permissions import document


def _connect(settings: Settings, scope: Scope, wire: Wire) -> Account:
    return connect(settings, scope, wire, declared=_declared)


def _declared() -> Iterable[str]:
    return aws.calls()


aws: Connector[Settings, Account] = Connector(
    name="aws",
    title="Amazon Web Services",
    settings=Settings,
    levels=("account", "region"),
    roots=roots,
    named_below=named_below,
    connect=_connect,
    explain=explain,
    quota=quota,
    identity=Account.identity,
    identity_call="sts:GetCallerIdentity",
    identity_of=account_of,
    close=Account.close,
    published=published,
    check_prefixes=("aws_",),
    permissions_document=document,
    roll_out=forms,
    docs="docs/connectors/aws.md",
    answers=ANSWERS,
    coverage=Path(__file__).parents[1] / "coverage.toml",
)
