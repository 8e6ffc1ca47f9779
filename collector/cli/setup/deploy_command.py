"""`annexd deploy`: files for running annexd as a service, ready to be copied."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.session import session
from collector.core.errors import UsageError


class Kind(StrEnum):
    """The kinds of deployment."""

    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"
    CRONJOB = "cronjob"
    HELM = "helm"
    CONTAINER = "container"
    COMPOSE = "compose"
    PROMETHEUS = "prometheus"
    GRAFANA = "grafana"


class DeployView(Struct, frozen=True, kw_only=True, tag="annexd.deploy/1", tag_field="schema"):
    """What `annexd deploy --json` prints."""

    kind: str
    file_name: str
    text: str


class ChartView(Struct, frozen=True, kw_only=True, tag="annexd.chart/1", tag_field="schema"):
    """What `annexd deploy helm --json` prints: the files are relative to the folder."""

    folder: str
    files: list[str]


def deploy(
    ctx: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(
            help="systemd, kubernetes, cronjob, helm, container, compose, prometheus or grafana.", show_default=False
        ),
    ],
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to write the chart of helm.", show_default="annexd, here")
    ] = None,
) -> None:
    """Print files for running annexd as a service.

    systemd: a unit. kubernetes: a daemon with its store. cronjob: one scan a day. helm: a chart for both, which is
    written as a folder. container: a Containerfile, which is built from the repository. compose: two daemons over a
    PostgreSQL. prometheus: alert rules. grafana: a dashboard. `annexd help deploy` explains each.
    """
    if kind is Kind.HELM:
        _write_chart(ctx, folder or Path("annexd"))
        return
    if folder is not None:
        raise UsageError(f"{kind.value} is one file, which is printed", mend=f"annexd deploy {kind.value} > FILE")
    from collector.cli.setup.shipped_files import DEPLOY, deployment

    text = deployment(kind.value)
    if session(ctx).json:
        from collector.cli.terminal.page import print_json

        print_json(DeployView(kind=kind.value, file_name=DEPLOY[kind.value], text=text))
    else:
        sys.stdout.write(text)


def _write_chart(ctx: typer.Context, folder: Path) -> None:
    """Write the chart. Raises UsageError where the folder is there already, or cannot be written."""
    cli_session = session(ctx)
    from collector.cli.setup.new_folder import write_new_folder
    from collector.cli.setup.shipped_files import chart
    from collector.cli.terminal.page import page, print_json

    files = chart()
    write_new_folder(folder, files)
    if cli_session.json:
        print_json(ChartView(folder=str(folder), files=list(files)))
        return
    out = page()
    out.line(f"Wrote {len(files)} files to {folder}:")
    out.verbatim(files, indent=2)
    out.head("Where to go on")
    out.verbatim(
        [f"helm lint --strict {folder} -f my-values.yaml", f"helm install annexd {folder} -f my-values.yaml"], indent=2
    )
