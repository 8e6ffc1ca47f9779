"""`[web]`: where the pages are served, who may sign in, and as what."""

from __future__ import annotations

from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from collector.core.controls import NonEmptyStr
from collector.core.secrets import Secret
from collector.setup.secret_refs import secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.setup.toml_file import TomlFile

WEB_LISTEN = "127.0.0.1:8137"
"""Where the pages are where nothing else is written."""

_AT = ("web",)

_LAST_PORT = (1 << 16) - 1

_PORTS = {"http": ":80", "https": ":443"}
"""What a browser leaves out of an address."""


class OidcConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[web.oidc]`: the provider of OpenID Connect that says who somebody is.

    `groups_claim` is the claim of the ID token that lists groups; None: there are none.
    """

    issuer: Annotated[str, Meta(pattern=r"^https?://\S+$")]
    client_id: NonEmptyStr
    client_secret: Secret
    scopes: tuple[NonEmptyStr, ...] = ("openid", "profile", "email")
    groups_claim: NonEmptyStr | None = None


class PeopleConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[web.people]]`: a role, and whose it is: subjects of the provider, or its groups."""

    role: Literal["viewer", "contributor", "admin"]
    subjects: tuple[NonEmptyStr, ...] = ()
    groups: tuple[NonEmptyStr, ...] = ()


class AuditConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[web.audits]]`: what is open to the auditors of an audit, and until when; both days are included.

    `first` and `last` are the period that they may read, `until` is the last day of their access.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    title: NonEmptyStr
    frameworks: Annotated[tuple[NonEmptyStr, ...], Meta(min_length=1)]
    first: date
    last: date
    until: date
    subjects: tuple[NonEmptyStr, ...] = ()
    groups: tuple[NonEmptyStr, ...] = ()


class WebConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[web]`. `url` is the address that people type, `trusted_proxy` the addresses of a proxy that ends TLS.

    A session ends when nothing was asked for `idle`, and after `session` in any case.
    """

    listen: Annotated[str, Meta(pattern=r"^(\S+|\[\S+\]):\d{1,5}$")] = WEB_LISTEN
    url: Annotated[str, Meta(pattern=r"^https?://[^/\s]+/?$")] | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    trusted_proxy: tuple[NonEmptyStr, ...] = ()
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=10)
    oidc: OidcConfig | None = None
    people: tuple[PeopleConfig, ...] = ()
    audits: tuple[AuditConfig, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port that are listened on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.address[0])

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser has them."""
        if self.url is not None:
            scheme, _, place = self.url.rstrip("/").lower().partition("://")
            return f"{scheme}://{place.removesuffix(_PORTS[scheme])}"
        return f"{'http' if self.certificate is None else 'https'}://{self.listen}"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.origin.startswith("https://")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine's own; a name is only where it is `localhost`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_web(file: TomlFile, span: Callable[[tuple[str, ...], object], timedelta]) -> WebConfig | None:
    """Return `[web]`, None where there is none. Raises ConfigError where it would serve pages to whoever asks."""
    raw = file.data.get("web")
    if raw is None:
        return None
    spans = {
        name: span((*_AT, name), raw[name]) for name in ("idle", "session") if isinstance(raw, dict) and name in raw
    }
    folder = file.path.resolve().parent
    config = file.convert(
        raw | spans if isinstance(raw, dict) else raw, WebConfig, _AT, lambda of, v: _hook(of, v, folder)
    )
    _require_cover(file, config)
    _require_sign_in(file, config)
    _require_audits(file, config)
    return config


def _hook(of: type, value: object, folder: Path) -> Any:  # noqa: ANN401  what msgspec asks for
    if of is Secret:
        return secret(value, folder)
    if of is Path and isinstance(value, str):
        return folder / value
    message = f"expected {of.__name__}"
    raise ValueError(message)


def _require_cover(file: TomlFile, config: WebConfig) -> None:
    if config.address[1] > _LAST_PORT:
        raise file.error((*_AT, "listen"), f"{config.address[1]} is no port", mend=f"the last one is {_LAST_PORT}")
    if (config.certificate is None) != (config.certificate_key is None):
        raise file.error((*_AT, "certificate"), "a certificate and its key come together", mend="write both")
    for network in config.trusted_proxy:
        try:
            ip_network(network)
        except ValueError as error:
            raise file.error(
                (*_AT, "trusted_proxy"), f"{network!r} is no address", mend='such as "10.0.0.5" or "10.0.0.0/28"'
            ) from error
    covered = config.certificate is not None or config.trusted_proxy
    if not config.is_loopback and not covered:
        raise file.error(
            (*_AT, "listen"),
            f"{config.listen} can be reached by others, and nothing is encrypted",
            so="nothing is served: sessions and evidence could be read on the way",
            mend="write certificate and certificate_key, or trusted_proxy with the address of what ends TLS before it",
        )
    if not config.is_loopback and not config.is_secure:
        raise file.error(
            (*_AT, "url"),
            "the address that people type is not https",
            mend='such as url = "https://annexd.example.com"',
        )
    host = urlsplit(config.origin).hostname or ""
    if not config.is_secure and not is_loopback(host):
        raise file.error((*_AT, "url"), f"{host} is not this machine, and http is not encrypted", mend="write https")


def _require_sign_in(file: TomlFile, config: WebConfig) -> None:
    if config.oidc is None:
        if not config.is_loopback:
            raise file.error(
                (*_AT, "listen"),
                "others can reach it, and nobody has to sign in",
                so="nothing is served",
                mend="write [web.oidc], or listen on 127.0.0.1, where a link is printed that signs in once",
            )
        if config.people or config.audits:
            raise file.error(
                (*_AT, "people" if config.people else "audits"),
                "subjects and groups are those of a provider, and none is written",
                mend="write [web.oidc]",
            )
        return
    issuer = urlsplit(config.oidc.issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        raise file.error((*_AT, "oidc", "issuer"), "a provider is asked over https", mend="write https")
    if "openid" not in config.oidc.scopes:
        raise file.error((*_AT, "oidc", "scopes"), "without openid no provider says who it is", mend='add "openid"')
    for name, entries in (("people", config.people), ("audits", config.audits)):
        for entry in entries:
            if not entry.subjects and not entry.groups:
                raise file.error((*_AT, name), "it is nobody's", mend="write subjects or groups")
            if entry.groups and config.oidc.groups_claim is None:
                raise file.error(
                    (*_AT, name), "groups are given, and no claim has them", mend="write groups_claim in [web.oidc]"
                )


def _require_audits(file: TomlFile, config: WebConfig) -> None:
    seen: set[str] = set()
    for audit in config.audits:
        if audit.id in seen:
            raise file.error((*_AT, "audits"), f"{audit.id!r} is there twice", mend="give each audit its own id")
        seen.add(audit.id)
        if audit.last < audit.first:
            raise file.error((*_AT, "audits"), f"{audit.id}: the period ends before it begins", mend="swap the days")
