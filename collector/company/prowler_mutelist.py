"""A Prowler mutelist as a draft of exceptions, with blanks for what a mutelist does not have."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from collector.setup.toml_file import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def draft_from(path: Path, source: str) -> str:
    """Return a draft of exceptions.toml. It cannot be loaded before every blank is filled in.

    Raises ConfigError where the file is no mutelist.
    """
    name = toml_text(path.name)
    lines = [
        f"# A draft from {name}. Every empty value is a decision; annexd refuses it until that is made.",
        "# A check of another scanner is not one of annexd's: `annexd checks` has those that there are.",
    ]
    for number, muted in enumerate(_muted(path), start=1):
        account, check, resource, region, why = muted
        where = "" if account == "*" else toml_text(account)
        lines += [
            "",
            "[[exception]]",
            f'id           = "EX-{number}"',
            'kind         = ""                # risk_accepted, compensating_control or false_positive',
            f'check        = ""                # there it is called {toml_text(check)}',
            f"source       = {toml_text(source)}",
            f"scope        = [{where}]",
            f"subject      = {toml_text(resource)}",
            *(["max_subjects =                   # how many the approval was for"] if "*" in resource else []),
            f"reason       = {toml_text(why)}",
            'owner        = ""                # who asks for it and sees to it',
            'approver     = ""                # the owner of the risk, somebody else',
            'approval_ref = ""                # pull request, ticket or minute',
            "approved_on  =                   # a day, such as 2026-01-31",
            "expires      =                   # at most twelve months later",
        ]
        if region not in {"", "*"}:
            lines.append(f"# It was for the region {toml_text(region)} only: write that into scope.")
    return "\n".join(lines) + "\n"


def _muted(path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield account, check, resource, region and description of everything that is muted."""
    accounts = _table(_read(path), "Mutelist", path).get("Accounts")
    if not isinstance(accounts, dict):
        raise _no_mutelist(path)
    for account, muted in accounts.items():
        for check, entry in _table(muted, "Checks", path).items():
            if not isinstance(entry, dict):
                raise _no_mutelist(path)
            for resource in _list(entry, "Resources", path):
                for region in _list(entry, "Regions", path):
                    yield (
                        str(account),
                        str(check),
                        _pattern(str(resource)),
                        str(region),
                        str(entry.get("Description", "")),
                    )


def _list(entry: dict[str, Any], key: str, path: Path) -> list[Any]:
    found = entry.get(key) or ["*"]
    if not isinstance(found, list):
        raise _no_mutelist(path)
    return found


def _pattern(regex: str) -> str:
    """Turn `.*` into `*` and remove anchors; other regular expressions stay as they are, for review."""
    return regex.replace(".*", "*").removeprefix("^").removesuffix("$")


def _read(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", mend="correct the path or its rights") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: this is not UTF-8", mend="save the file as UTF-8") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return _yaml(text, path)


def _yaml(text: str, path: Path) -> object:
    try:
        yaml = import_module("yaml")
    except ImportError as error:
        raise ConfigError(
            f"{path}: reading YAML needs the package PyYAML, which is not installed",
            mend="pip install PyYAML, or convert the mutelist to JSON",
        ) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: this is not YAML: {error}", mend="correct the file at that place") from error


def _table(raw: object, key: str, path: Path) -> dict[str, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(found, dict):
        raise _no_mutelist(path)
    return found


def _no_mutelist(path: Path) -> ConfigError:
    return ConfigError(
        f"{path}: this is no Prowler mutelist", mend="it has Mutelist, Accounts, an account or *, Checks, and checks"
    )
