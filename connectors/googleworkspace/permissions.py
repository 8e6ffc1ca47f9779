"""What to grant annexd in the Admin console: scopes of a service account with domain-wide delegation, and a role."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from collector.core.errors import ConfigError
from collector.core.roll_out import RollOut
from connectors.googleworkspace._sdk.scopes import OPTIONAL, READ_ONLY
from connectors.googleworkspace._sdk.settings import OPTIONAL_SETTINGS, Settings

_STEPS = """Scopes to authorize for the service account of annexd, in the Admin console: Security, Access and data
control, API controls, Manage domain-wide delegation, Add new. The client id is that of the service account
(`annexd permissions googleworkspace --form delegation` prints it where a source names the key):

    gcloud iam service-accounts describe ADDRESS --format='value(oauth2ClientId)'
"""

_ROLE = """The administrator that the service account acts as (`admin` in the source):

  Settings of the Admin console (googleworkspace.policy.setting) are answered to super administrators only.
  Everything else is answered to a role of your own with the privileges to read: Users, Groups, Organizational
  Units, Domain management, Reports, Mobile device management, Chrome management.
  A second source for the same customer may use such an administrator; what it cannot read is unknown there.
"""

_ABOUT_OPTIONAL = """Google has no read-only form of these, so they are off. Each is used only where the source says so,
and its checks are unknown without it:
"""


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the scopes to authorize, as text; each with the kinds of resources that are read with it."""
    reading = [scope for scope in READ_ONLY if scope in kinds_by_permission]
    optional = [scope for scope in OPTIONAL if scope in kinds_by_permission]
    lines = [_STEPS]
    for scope in reading:
        lines += [f"  {scope}", *(f"      {kind}" for kind in sorted(kinds_by_permission[scope]))]
    lines += ["", "In one line, for the form of the Admin console:", "", f"  {','.join(reading)}", "", _ROLE]
    if optional:
        lines += [_ABOUT_OPTIONAL]
    for scope in optional:
        lines += [
            f"  {scope}",
            f"      {OPTIONAL_SETTINGS[scope]} = true",
            f"      would also allow to {OPTIONAL[scope]}",
            *(f"      {kind}" for kind in sorted(kinds_by_permission[scope])),
        ]
    return "\n".join(lines)


def roll_out(wanted: RollOut) -> Mapping[str, str]:
    """Return what is typed into the Admin console: the client id and the scopes of a source."""
    settings: Settings | None = wanted.settings
    chosen = settings.optional_scopes if settings is not None else ()
    scopes = [scope for scope in (*READ_ONLY, *chosen) if scope in {*wanted.everywhere, *wanted.at_source}]
    return {"delegation": f"Client ID: {client_id(settings)}\nOAuth scopes: {','.join(scopes)}\n"}


def client_id(settings: Settings | None) -> str:
    """Return the client id of the service account. Raises ConfigError where its key cannot be read."""
    if settings is None or settings.credentials is None:
        account = settings.impersonate if settings is not None and settings.impersonate else "ADDRESS"
        return f"$(gcloud iam service-accounts describe {account} --format='value(oauth2ClientId)')"
    try:
        key = json.loads(settings.credentials.reveal())
    except ValueError:
        key = None  # not the error itself: it quotes what it read
    if not isinstance(key, dict) or not isinstance(key.get("client_id"), str):
        raise ConfigError(f"{settings.credentials!r} is no key of a service account: it has no client_id")
    return str(key["client_id"])
