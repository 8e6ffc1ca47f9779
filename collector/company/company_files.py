"""The company's own files beside the configuration: scope, statement of applicability, exceptions, risks and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.company.actions_file import read_actions
from collector.company.exceptions_file import read_exceptions
from collector.company.metrics_file import read_targets
from collector.company.register_file import read_register
from collector.company.risks_file import read_risks
from collector.company.scope_file import read_scope
from collector.company.soa_file import read_soa
from collector.core.isms.risks import used_as_treatment
from collector.setup.toml_file import TomlFile, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.core.controls import Framework
    from collector.core.isms.actions import Action
    from collector.core.isms.exceptions import Acceptance
    from collector.core.isms.measures import MeasureTarget
    from collector.core.isms.register import Register
    from collector.core.isms.risks import RiskRegister
    from collector.core.isms.scope import IsmsScope
    from collector.core.isms.soa import Statement
    from collector.setup.app import App
    from collector.setup.config import Config

NAMES = {
    "scope": "scope.toml",
    "soa": "soa.toml",
    "exceptions": "exceptions.toml",
    "actions": "actions.toml",
    "risks": "risks.toml",
    "register": "register.toml",
    "metrics": "metrics.toml",
}
"""What the files are called where the configuration names none."""


@dataclass(frozen=True)
class Company:
    """The company's files. None, or empty, where there is no such file."""

    scope: IsmsScope | None
    soa: Statement | None
    exceptions: tuple[Acceptance, ...]
    actions: tuple[Action, ...] = ()
    risks: RiskRegister | None = None
    register: Register | None = None
    targets: tuple[MeasureTarget, ...] = ()


def company(app: App, frameworks: tuple[Framework, ...], files: Mapping[str, TomlFile] | None = None) -> Company:
    """Read these files, or those beside the configuration. Raises ConfigError on anything in them that cannot be."""
    present = on_disk(app.config) if files is None else files
    scope, exceptions, actions = (present.get(which) for which in ("scope", "exceptions", "actions"))
    register, targets = present.get("register"), present.get("metrics")
    risks = None if (file := present.get("risks")) is None else read_risks(file, app, frameworks)
    soa = None if (file := present.get("soa")) is None else read_soa(file, frameworks)
    if soa is not None and risks is not None:
        soa = used_as_treatment(soa, risks.risks)
    return Company(
        scope=None if scope is None else read_scope(scope, app),
        soa=soa,
        exceptions=() if exceptions is None else read_exceptions(exceptions, app),
        actions=() if actions is None else read_actions(actions, app, frameworks),
        risks=risks,
        register=None if register is None else read_register(register),
        targets=() if targets is None else read_targets(targets),
    )


def on_disk(config: Config) -> dict[str, TomlFile]:
    """Return the files that there are, by what they are for."""
    found = {which: company_file(config, which) for which in NAMES}
    return {which: file for which, file in found.items() if file is not None}


def company_file(config: Config, which: str) -> TomlFile | None:
    """Return a file of the company's; None where none is named and there is none of the usual name."""
    named: Path | None = getattr(config.company, which)
    path = config.folder / (named or NAMES[which])
    if named is None and not path.exists():
        return None
    return read_toml(path)
