"""Settings of a source with `connector = "okta"`, its one organization, and the quotas of its calls."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.okta._sdk.operations import USER_FACTORS

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADMIN_HOST = re.compile(r"[^.]+-admin\.(?:okta|oktapreview|okta-emea|okta-gov|okta\.mil)\b.*")
_MINUTE = timedelta(minutes=1)
_LOG_RETENTION = timedelta(days=90)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "okta"`.

    `url` is the organization's own address, such as https://acme.okta.com. Signs in as the API service app `client_id`
    with its `private_key` (`key_id` is Okta's name of the key), or with an API `token`, which can do whatever its owner
    can. `window` is how far back the system log is read; Okta keeps 90 days. `quota_share` is the share of each rate
    limit that may be used, `factor_share` the share of it for the factors of administrators, one call each.
    """

    url: str
    client_id: str | None = None
    private_key: Secret | None = None
    key_id: str = ""
    token: Secret | None = None
    window: timedelta = _LOG_RETENTION
    quota_share: float = 0.5
    factor_share: float = 0.25

    def __post_init__(self) -> None:
        if (self.token is None) == (self.client_id is None):
            raise ValueError("say either client_id and private_key, or token")
        if (self.client_id is None) != (self.private_key is None):
            raise ValueError("client_id and private_key belong together")
        if self.key_id and self.private_key is None:
            raise ValueError("key_id belongs to private_key")
        self._validate_url()
        for name, share in (("quota_share", self.quota_share), ("factor_share", self.factor_share)):
            if not 0 < share <= 1:
                raise ValueError(f"{name} = {share}: it is a part of the whole, more than 0 and at most 1")
        if not timedelta(0) < self.window <= _LOG_RETENTION:
            raise ValueError("window is more than nothing and at most 90d, which is how long Okta keeps its log")

    @property
    def organization(self) -> str:
        """The host of the organization, which people know it by."""
        return urlsplit(self.url).netloc

    def _validate_url(self) -> None:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
            raise ValueError(f"url = {self.url!r}: Okta is spoken to over https only")
        if not host or parts.path.strip("/") or parts.query or parts.username is not None:
            raise ValueError(f"url = {self.url!r}: write the organization's address alone, https://NAME.okta.com")
        if _ADMIN_HOST.fullmatch(host):
            raise ValueError(f"url = {self.url!r} is the Admin Console; the API is at the address without -admin")


def roots(settings: Settings) -> list[Scope]:
    """Return the one scope of a source: its organization."""
    return [(settings.organization,)]


def credential(settings: Settings, _scope: Scope) -> str:
    """Return a name for the identity that signs in; a token is named by where it is read from."""
    if settings.token is not None:
        return f"{settings.url} token {settings.token.source}"
    return f"{settings.url} client {settings.client_id}"


def quota(settings: Settings, _scope: Scope, call: Call) -> Bucket:
    """Return the bucket of a call: Okta counts for the whole organization, by endpoint and minute.

    https://developer.okta.com/docs/reference/rate-limits/
    """
    share = min(settings.quota_share, settings.factor_share) if call.operation == USER_FACTORS else settings.quota_share
    return Bucket(call.operation.partition("?")[0], owner=settings.url, span=_MINUTE, share=share)
