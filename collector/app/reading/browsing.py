"""annexd without a company: the catalogue as it comes, and `annexd connectors`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.app.output import Mark, Page

if TYPE_CHECKING:
    from collector.app.session import Session
    from collector.app.wiring import App


class ConnectorShape(Struct, frozen=True, kw_only=True):
    """A connector. What is behind an SDK that is not installed is not known: `kinds` and `checks` are None."""

    name: str
    title: str
    installed: bool
    install: str
    levels: tuple[str, ...]
    kinds: tuple[str, ...] | None
    checks: int | None
    sources: tuple[str, ...]
    distribution: str | None


class ConnectorsShape(Struct, frozen=True, kw_only=True, tag="annexd.connectors/1", tag_field="schema"):
    """What `annexd connectors --json` prints."""

    connectors: list[ConnectorShape]


def browsed(told: Session) -> App:
    """Return annexd as it is configured; as it comes where nobody has written a configuration yet."""
    from collector.app.config import chosen_path
    from collector.app.wiring import open_app

    if told.config is None and not chosen_path().exists():
        return open_app(Path(os.devnull))  # an empty configuration
    return told.open_app()


def connectors_shape(app: App) -> ConnectorsShape:
    """Return the connectors that come with annexd and those that are configured."""
    made = [
        ConnectorShape(
            name=name,
            title=one.connector.title,
            installed=True,
            install="",
            levels=one.connector.levels,
            kinds=tuple(sorted(one.connector.collections)),
            checks=len(one.checks),
            sources=_sources(app, name),
            distribution=one.distribution,
        )
        for name, one in app.loaded.items()
    ]
    made += [
        ConnectorShape(
            name=name,
            title=name,
            installed=False,
            install=_install(name),
            levels=(),
            kinds=None,
            checks=None,
            sources=_sources(app, name),
            distribution=None,
        )
        for name in app.missing
    ]
    return ConnectorsShape(connectors=sorted(made, key=lambda one: one.name))


def _install(name: str) -> str:
    from collector.app import loading

    try:
        loading.connector(name)
    except loading.MissingSdkError as error:
        return error.mend
    return ""


def _sources(app: App, connector: str) -> tuple[str, ...]:
    return tuple(name for name, one in app.config.sources.items() if one.connector == connector)


def show_connectors(shape: ConnectorsShape, out: Page) -> None:
    """Print the connectors."""
    for one in shape.connectors:
        out.line(Mark(one.name, "bold"), one.title)
        if not one.installed:
            out.line(f"not installed: {one.install}", indent=2)
            continue
        sources = ", ".join(one.sources) or "none configured"
        rows = [("sources", sources), ("levels", " / ".join(one.levels)), ("checks", str(one.checks))]
        if one.distribution is not None:
            rows.append(("comes from", one.distribution))
        out.rows([*rows, ("kinds", ", ".join(one.kinds or ()))])
