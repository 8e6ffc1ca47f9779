"""The company's own files beside the configuration: scope, statement of applicability, exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.app.company.exceptions_file import read_exceptions
from collector.app.company.scope_file import read_scope
from collector.app.company.soa_file import read_soa
from collector.app.toml_file import TomlFile, read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from collector.app.config import Config
    from collector.app.wiring import App
    from collector.core.controls import Framework
    from collector.core.exceptions import Acceptance
    from collector.core.isms_scope import IsmsScope
    from collector.core.soa import Statement

NAMES = {"scope": "scope.toml", "soa": "soa.toml", "exceptions": "exceptions.toml"}
"""What the files are called where the configuration names none."""


@dataclass(frozen=True)
class Company:
    """What the company says about itself. None, or empty, where there is no such file."""

    scope: IsmsScope | None
    soa: Statement | None
    exceptions: tuple[Acceptance, ...]


def company(app: App, frameworks: tuple[Framework, ...]) -> Company:
    """Read the files that there are. Raises ConfigError on anything in them that cannot be."""
    config = app.config
    scope, soa, exceptions = (company_file(config, which) for which in NAMES)
    return Company(
        scope=None if scope is None else read_scope(scope, app),
        soa=None if soa is None else read_soa(soa, frameworks),
        exceptions=() if exceptions is None else read_exceptions(exceptions, app),
    )


def company_file(config: Config, which: str) -> TomlFile | None:
    """Return a file of the company's; None where none is named and there is none of the usual name."""
    named: Path | None = getattr(config.company, which)
    path = config.folder / (named or NAMES[which])
    if named is None and not path.exists():
        return None
    return read_toml(path)
