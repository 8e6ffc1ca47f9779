"""Acme's platforms beside AWS and GitHub: which there are here, and what the configuration says of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

import httpx

NEEDS: Mapping[str, tuple[str, ...]] = {
    "azure": (),
    "entra": ("msgraph",),
    "gcp": ("googleapiclient",),
    "gitlab": (),
    "googleworkspace": ("googleapiclient",),
    "okta": (),
}
"""The packages that each platform's connector needs, by the folder of the platform below this one."""

EXTRAS: Mapping[str, str] = {"entra": "microsoft", "gcp": "google", "googleworkspace": "google"}
"""What installs those packages, where the demo itself does not."""


@dataclass(frozen=True)
class PlayedPlatform:
    """A platform that is answered for in this process while the demo runs.

    `about` says in a few words what Acme has there, `table` is its source in the configuration, `system` its table in
    the scope, and `bases` are the addresses at which `answer` is asked. `variables` are set in the environment.
    """

    about: str
    table: str
    system: str
    bases: tuple[str, ...]
    answer: Callable[[httpx.Request], httpx.Response]
    variables: Mapping[str, str] = field(default_factory=dict)


def platforms(now: Callable[[], datetime], last: datetime) -> Iterator[PlayedPlatform]:
    """Yield the platforms whose packages are installed. `now` is the demo's clock, `last` the day that it ends on."""
    for name in NEEDS:
        if not lacking(name):
            yield import_module(f"collector.demo.{name}.company").platform(now, last)


def left_out() -> dict[str, str]:
    """Return the platforms whose packages are not installed, each with the extra that installs them."""
    return {name: EXTRAS[name] for name in NEEDS if lacking(name)}


def lacking(name: str) -> tuple[str, ...]:
    """Return the packages that are not installed and that a platform of the demo needs."""
    return tuple(package for package in NEEDS[name] if find_spec(package) is None)
