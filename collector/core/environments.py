"""Environments of functions and services: which variables hold something that looks like a secret, in plain text."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import Verdict, failed, passed, unknown
from collector.core.detectors import find_secrets
from collector.core.secret_names import is_no_secret, is_secret_name


def suspects(variables: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names of variables whose value looks like a secret, or whose name says so; values are not kept."""
    return sorted(
        name
        for name, value in variables
        if value and (find_secrets(value) or (is_secret_name(name) and not is_no_secret(value)))
    )


def judge_environment(name: str, plain: int, found: tuple[str, ...]) -> Verdict:
    """Return what an environment of so many plain variables shows: what does not look like a secret may be one."""
    if found:
        return failed(f"{name} has what looks like a secret in {', '.join(found)}")
    if plain:
        return unknown(f"none of the {plain} variables of {name} looks like a secret, and any of them may be one")
    return passed(f"{name} has no variables in plain text")
