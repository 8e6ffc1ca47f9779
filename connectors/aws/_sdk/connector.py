"""The AWS connector. Collections, parts and checks register with it when their modules are imported."""

from __future__ import annotations

from collector.core.connectors import Connector
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.settings import Settings, quota, roots

aws: Connector[Settings, Account] = Connector(
    name="aws",
    title="Amazon Web Services",
    settings=Settings,
    levels=("account", "region"),
    roots=roots,
    connect=connect,
    explain=explain,
    quota=quota,
    identity=Account.identity,
    identity_call="sts:GetCallerIdentity",
    close=Account.close,
)
