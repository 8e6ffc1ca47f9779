"""The played connector as somebody else's distribution would offer it: found by an entry point, configured by TOML."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Wire
from tests.played import connector as pieces
from tests.played.checks import few_public, hooks_tls, mfa, protected, rotated, tickets_known, two_owners
from tests.played.connector import Recipe
from tests.played.platform import Platform
from tests.played.session import Session

__all__ = ["few_public", "hooks_tls", "mfa", "played", "protected", "rotated", "tickets_known", "two_owners"]

PLATFORMS: dict[str, Platform] = {}
"""The doubles of this process, by the name that a configuration gives."""


class PluggedSettings(pieces.Settings, Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The played settings, as TOML can say them."""

    token: Secret | None = None
    patience: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if not self.orgs:
            raise ValueError("orgs is empty; name at least one")


def connect(settings: pieces.Settings, scope: Scope, wire: Wire) -> Session:
    """Connect to the double that the settings name."""
    platform = PLATFORMS[settings.platform]
    return pieces.connect(pieces.settings_for(platform, orgs=settings.orgs), scope, wire)


played = pieces.played(Recipe(connect=connect))
played.settings = PluggedSettings
