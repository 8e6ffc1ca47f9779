"""What a platform's access is rolled out with: the permissions, by where they are needed, and how far they go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct


class RollOut(Struct, frozen=True, kw_only=True):
    """What is to be granted. `settings` are those of a source; None: none is configured, and defaults are written.

    `everywhere` are permissions for each outermost scope (an account), `at_source` those that are needed only where
    the source itself is signed in. `organization`: for all of an organization, and not for one scope alone.
    """

    settings: Any
    everywhere: tuple[str, ...]
    at_source: tuple[str, ...]
    organization: bool = False


WriteRollOut = Callable[[RollOut], Mapping[str, str]]
"""Writes the forms in which a platform takes it, by name, in the order in which people use them.

Raises ConfigError where the platform would not take them. No form has a secret of the settings in it.
"""
