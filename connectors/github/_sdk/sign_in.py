"""Signing in: with a token, or as a GitHub App, whose installation tokens last an hour and are asked for in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import httpx
from github import Auth
from github.InstallationAuthorization import InstallationAuthorization
from github.Requester import Requester

from collector.core.errors import ConfigError, Unexpected
from collector.core.wire import Call
from connectors._http import SharedResults, Token, Tokens
from connectors._http.connections import Lease
from connectors._http.origins import origin_of
from connectors._http.replies import parsed_date
from connectors._http.tokens import header_value
from connectors.github._sdk.answer_cache import DiskCache, MemoryCache
from connectors.github._sdk.connection import Identity
from connectors.github._sdk.decoding import decoded
from connectors.github._sdk.errors import explain
from connectors.github._sdk.settings import INSTALLATION_ACCESS

if TYPE_CHECKING:
    from collector.core.wire import Wire
    from connectors._http import Reply
    from connectors.github._sdk.answer_cache import AnswerCache
    from connectors.github._sdk.settings import Settings

API_VERSION = "2022-11-28"


class SignIn:
    """The identities of one source, shared by its organizations and repositories, and PyGithub's requester for all.

    The requester has no credential: each call brings a connection of the identity that makes it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.results = SharedResults(explain)
        """Results that hold for every organization and repository of the source."""
        self.requester = Requester(
            auth=None,
            base_url=settings.url,
            timeout=60,
            user_agent="annexd",
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            api_version=API_VERSION,
        )
        self._origin = origin_of(httpx.URL(settings.url))
        self._lock = threading.Lock()
        self._identities: dict[str, Identity] = {}

    def lease(self) -> Lease:
        """Return the use of the connections for one client, which closes it; they are shared by all."""
        return Lease(self._origin)

    def by_token(self) -> Identity:
        """Return the identity of the source's token."""
        return self._identity("token", self._token)

    def as_app(self) -> Identity:
        """Return the identity of the app itself, which may list its installations and little else."""
        return self._identity("app", self._app)

    def as_installation(self, installation: int) -> Identity:
        """Return the identity of an installation of the app; its token is asked for with the first request."""
        return self._identity(f"installation {installation}", lambda: self._installation(installation))

    def _identity(self, name: str, make: Callable[[], Identity]) -> Identity:
        with self._lock:
            if name not in self._identities:
                self._identities[name] = make()
            return self._identities[name]

    def _token(self) -> Identity:
        token = self._settings.token
        revealed = "" if token is None else token.reveal().strip()
        if not revealed:
            raise ConfigError("the token of the source is empty", mend="see where the token comes from")
        auth = Auth.Token(header_value(revealed, "the token of the source"))
        return Identity(str(self._origin), _AuthHeader(auth), self._answer_cache(revealed))

    def _app(self) -> Identity:
        key = self._private_key()
        if not key.strip():
            raise ConfigError("the private key of the app is empty", mend="see where private_key comes from")
        auth = Auth.AppAuth(str(self._settings.app_id), key)
        # No cache: entity tags differ by token, and the app signs a new one within the hour.
        return Identity(str(self._origin), _AuthHeader(auth), MemoryCache(0))

    def _installation(self, installation: int) -> Identity:
        tokens = Tokens(partial(self._ask_token, installation))
        return Identity(str(self._origin), tokens, self._answer_cache(self._private_key()))

    def _ask_token(self, installation: int, wire: Wire, _claims: str | None) -> Token:
        """Return a new token of an installation. Raises GithubException, ConnectorError, and what the wire raises."""
        with closing(self.lease()) as lease:
            connection = self.as_app().connection(lease, wire, Call(INSTALLATION_ACCESS, aside=True))
            status, headers, text = self.requester.requestJson(
                "POST", f"/app/installations/{installation}/access_tokens", input={}, cnx=connection
            )
        data = decoded(status, headers, text, INSTALLATION_ACCESS)
        if not isinstance(data, dict) or not {"token", "expires_at"} <= data.keys():
            raise Unexpected(f"{INSTALLATION_ACCESS} was answered without token and expires_at")
        access = InstallationAuthorization(self.requester, headers, data)
        # By GitHub's own clock: this machine's may be wrong.
        date = parsed_date(headers.get("date"))
        if date is None:
            raise Unexpected("GitHub's answers have no date")
        return Token(access.token, (access.expires_at - date).total_seconds())

    def _private_key(self) -> str:
        key = self._settings.private_key
        return "" if key is None else key.reveal()

    def _answer_cache(self, credential: str) -> AnswerCache:
        folder = self._settings.cache
        return MemoryCache() if folder is None else DiskCache(folder, credential)


@dataclass(frozen=True)
class _AuthHeader:
    """What PyGithub authenticates with, for the kit to send: a token as it is, or one that an app signs for minutes."""

    auth: Auth.Auth

    def headers(self, _wire: Wire) -> Mapping[str, str]:
        """Return the header."""
        made: dict[str, str] = {}
        self.auth.authentication(made)
        return made

    def renewed(self, refused: Mapping[str, str], _reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return the header where the app signs another one now: a call may have waited for longer than it is valid."""
        now = self.headers(wire)
        return now if now != refused else None
