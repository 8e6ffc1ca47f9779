"""The configuration that the pages of a bundle are rendered with: a file whose digest is in the entry of the export.

It is what decides which sources, checks, limits and controls there are. It has no secrets, only where they are, and
nothing of the store and its addresses.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from collector.bundle.proofs.renderer import RENDERER, renderer_of
from collector.core.canonical import canonical, digest_of
from collector.core.errors import ConfigError
from collector.engine.clock import SystemClock
from collector.setup.app import app_of
from collector.setup.config import config_of
from collector.setup.toml_file import TomlFile

if TYPE_CHECKING:
    from collector.setup.app import App
    from collector.setup.config import Config

CONFIGURATION = "proof/configuration.json"
"""Its path in the bundle."""

STATED = "configuration"
"""Its key in what the log entry of an export is about; the value is the digest of the file."""

_TABLES = ("sources", "frameworks", "services", "checks", "links")


class Withholds(Protocol):
    """The options of an export that leave something out."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Patterns of the controls that are shown; empty means all."""

    @property
    def withheld(self) -> tuple[str, ...]:
        """Patterns of what is left out."""

    @property
    def pseudonymised(self) -> bool:
        """Whether names are replaced."""

    @property
    def sample(self) -> int | None:
        """The log entry of the sample that alone is shown."""


def why_not_stated(app: App, terms: Withholds) -> str:
    """Return why a bundle cannot be rendered from what it proves, empty where it can."""
    if app.config.check_folders or app.config.frameworks.folders:
        return "own checks or own frameworks are in use, which are not in the bundle"
    return why_not_whole(terms)


def why_not_whole(terms: Withholds) -> str:
    """Return why a bundle does not prove all that its pages say, empty where it does."""
    if terms.sample is not None:
        return "a sample bundle shows the items of the sample, and no state"
    if terms.pseudonymised:
        return "its names are pseudonyms, which only the store can make"
    if terms.withheld:
        return "evidence is withheld from it"
    if terms.controls:
        return "it shows some controls only, and collections of others as hashes"
    return ""


def stated(app: App, terms: Withholds) -> dict[str, str]:
    """Return what the log entry of the export says of how the bundle is rendered."""
    if why_not_stated(app, terms):
        return {}
    return {STATED: digest_of(configuration_file(app)), RENDERER: renderer_of(app)}


def configuration_file(app: App) -> bytes:
    """Return the file: canonical JSON of the tables of the configuration that decide what pages say."""
    return canonical(msgspec.to_builtins({name: app.config.file.data.get(name, {}) for name in _TABLES}))


def as_stated(app: App) -> App:
    """Return annexd as its configuration file in the bundle says: without the order of tables, and nothing else.

    What people read is rendered so, because who renders it again has that file alone.
    """
    return replace(app, config=_config_of(configuration_file(app)))


def app_of_configuration(data: bytes) -> App:
    """Return annexd as that file says. Raises ConfigError where this installation cannot be configured so."""
    return app_of(_config_of(data), SystemClock())


def _config_of(data: bytes) -> Config:
    tables = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    try:
        values = {name: msgspec.json.decode(tables[name]) for name in _TABLES if name in tables}
    except msgspec.DecodeError as error:
        raise ConfigError(f"{CONFIGURATION} cannot be read: {error}") from error
    values = {name: value for name, value in values.items() if value}
    return config_of(TomlFile(Path(CONFIGURATION), "", values), {})
