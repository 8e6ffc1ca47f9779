"""`annexd deploy`: files for running annexd as a service, ready to be copied."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.session import session


class Kind(StrEnum):
    """The kinds of deployment."""

    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"
    CRONJOB = "cronjob"
    CONTAINER = "container"
    COMPOSE = "compose"
    PROMETHEUS = "prometheus"
    GRAFANA = "grafana"


class DeployView(Struct, frozen=True, kw_only=True, tag="annexd.deploy/1", tag_field="schema"):
    """What `annexd deploy --json` prints."""

    kind: str
    file_name: str
    text: str


def deploy(
    ctx: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(
            help="systemd, kubernetes, cronjob, container, compose, prometheus or grafana.", show_default=False
        ),
    ],
) -> None:
    """Print files for running annexd as a service.

    systemd: a unit. kubernetes: a daemon with its store. cronjob: one scan a day. container: a Containerfile, which is
    built from the repository. compose: two daemons over a PostgreSQL. prometheus: alert rules. grafana: a dashboard.
    `annexd help deploy` explains each.
    """
    from collector.cli.setup.shipped_files import DEPLOY, deployment

    text = deployment(kind.value)
    if session(ctx).json:
        from collector.cli.terminal.page import print_json

        print_json(DeployView(kind=kind.value, file_name=DEPLOY[kind.value], text=text))
    else:
        sys.stdout.write(text)
