"""Every connector: what it collects, its configured sources, and what to install for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.setup.app import App


class ConnectorView(Struct, frozen=True, kw_only=True):
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


class ConnectorsView(Struct, frozen=True, kw_only=True, tag="annexd.connectors/1", tag_field="schema"):
    """What `annexd connectors --json` prints."""

    connectors: list[ConnectorView]


def connectors_view(app: App) -> ConnectorsView:
    """Return the connectors that come with annexd and those that are configured."""
    made = [
        ConnectorView(
            name=name,
            title=loaded.connector.title,
            installed=True,
            install="",
            levels=loaded.connector.levels,
            kinds=tuple(sorted(loaded.connector.collections)),
            checks=len(loaded.checks),
            sources=_sources(app, name),
            distribution=loaded.distribution,
        )
        for name, loaded in app.loaded.items()
    ]
    made += [
        ConnectorView(
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
    return ConnectorsView(connectors=sorted(made, key=lambda view: view.name))


def _install(name: str) -> str:
    from collector.setup import loading

    try:
        loading.connector(name)
    except loading.MissingSdkError as error:
        return error.mend
    return ""


def _sources(app: App, connector: str) -> tuple[str, ...]:
    return tuple(name for name, source in app.config.sources.items() if source.connector == connector)
