"""What the token of a source says of who has it: the tenant, the application, and what it was granted.

Read without a signature being checked: the platform that gave the token judges it. It is used for names and reasons,
never for a verdict.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from connectors._http.replies import loads

_PARTS = 3


@dataclass(frozen=True)
class TokenClaims:
    """The claims that are of use; empty where a token does not have them.

    `roles` are the application permissions that were granted and consented to, `scopes` the delegated ones of a person;
    `directory_roles` are the ids of the templates of roles that whoever has the token has in the directory.
    """

    tenant: str = ""
    application: str = ""
    object_id: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    directory_roles: frozenset[str] = frozenset()

    @property
    def identity(self) -> str:
        """Who has the token, as people read it."""
        who = f"application {self.application}" if self.is_application else f"user {self.object_id}"
        return " ".join(word for word in (who, self.name and f"({self.name})", f"in tenant {self.tenant}") if word)

    @property
    def is_application(self) -> bool:
        """Whether an application has the token by itself, not on behalf of a person."""
        return not self.scopes

    @property
    def granted(self) -> frozenset[str]:
        """The permissions of whichever kind."""
        return self.roles | self.scopes


def claims_of_token(token: str) -> TokenClaims | None:
    """Return the claims of an access token; None where it is not readable, which Microsoft may make it any day."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        said = loads(base64.b64decode(parts[1].replace("-", "+").replace("_", "/") + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        return None
    if not isinstance(said, dict) or not _text(said, "tid"):
        return None
    return TokenClaims(
        tenant=_text(said, "tid"),
        application=_text(said, "appid") or _text(said, "azp"),  # version 1 and 2 of the format
        object_id=_text(said, "oid"),
        name=_text(said, "app_displayname"),
        roles=_texts(said, "roles"),
        scopes=frozenset(_text(said, "scp").split()),
        directory_roles=_texts(said, "wids"),
    )


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""


def _texts(said: dict[str, Any], name: str) -> frozenset[str]:
    found = said.get(name)
    return frozenset(text for text in found if isinstance(text, str)) if isinstance(found, list) else frozenset()
