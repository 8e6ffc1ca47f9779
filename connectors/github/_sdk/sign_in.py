"""Signing in: with a token, or as a GitHub App, whose installation tokens last an hour and are renewed by PyGithub."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from github import Auth, GithubIntegration
from github.InstallationAuthorization import InstallationAuthorization
from github.Requester import Requester

from collector.core.errors import ConfigError
from connectors.github._sdk.answer_cache import DiskCache, MemoryCache
from connectors.github._sdk.http_pool import Connection, HttpPool
from connectors.github._sdk.result_cache import ResultCache

if TYPE_CHECKING:
    from connectors.github._sdk.answer_cache import AnswerCache
    from connectors.github._sdk.settings import Settings

API_VERSION = "2022-11-28"

# The attribute in which a Requester keeps its connection. PyGithub lets one set a connection class for the whole
# process, and none for one requester.
_CONNECTION_ATTRIBUTE = "_Requester__connection"


class SignIn:
    """The requesters of one source, one for each identity, shared by its organizations and repositories."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.results = ResultCache()
        """Results that hold for every organization and repository of the source."""
        self._pool = HttpPool()
        self._lock = threading.Lock()
        self._requesters: dict[str, Requester] = {}

    def by_token(self) -> Requester:
        """Return the requester of the source's token."""
        return self._requester_for("token", self._token_requester)

    def as_app(self) -> Requester:
        """Return the requester of the app itself, which may list its installations and little else."""
        return self._requester_for("app", self._app_requester)

    def as_installation(self, installation: int) -> Requester:
        """Return the requester of an installation of the app; its token is fetched with the first request."""
        return self._requester_for(f"installation {installation}", lambda: self._installation_requester(installation))

    def _requester_for(self, name: str, make: Any) -> Requester:
        with self._lock:
            if name in self._requesters:
                return self._requesters[name]
        requester: Requester = make()
        with self._lock:
            return self._requesters.setdefault(name, requester)

    def _token_requester(self) -> Requester:
        token = self._settings.token
        revealed = "" if token is None else token.reveal().strip()
        if not revealed:
            raise ConfigError("the token of the source is empty", mend="see where the token comes from")
        return self._new_requester(Auth.Token(revealed), self._answer_cache(revealed))

    def _app_auth(self) -> Any:
        key = self._settings.private_key
        revealed = "" if key is None else key.reveal()
        if not revealed.strip():
            raise ConfigError("the private key of the app is empty", mend="see where private_key comes from")
        return Auth.AppAuth(str(self._settings.app_id), revealed)

    def _app_requester(self) -> Requester:
        auth = self._app_auth()
        integration = GithubIntegration(
            auth=auth, base_url=self._settings.url, per_page=100, retry=None, seconds_between_requests=None
        )
        # No cache: entity tags differ by token, and the app signs a new one within the hour.
        return self._use_connection(integration.requester, MemoryCache(0))

    def _installation_requester(self, installation: int) -> Requester:
        auth = _InstallationAuth(self._app_auth(), installation, self.as_app())
        key = self._settings.private_key
        return self._new_requester(auth, self._answer_cache("" if key is None else key.reveal()))

    def _new_requester(self, auth: Any, cache: AnswerCache) -> Requester:
        requester = Requester(
            auth=auth,
            base_url=self._settings.url,
            timeout=60,
            user_agent="annexd",
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            api_version=API_VERSION,
        )
        return self._use_connection(requester, cache)

    def _answer_cache(self, credential: str) -> AnswerCache:
        folder = self._settings.cache
        return MemoryCache() if folder is None else DiskCache(folder, credential)

    def _use_connection(self, requester: Requester, cache: AnswerCache) -> Requester:
        if not hasattr(requester, _CONNECTION_ATTRIBUTE):
            raise ConfigError(
                "this version of PyGithub keeps its connection in a place that annexd does not know",
                mend="install the version that annexd's constraints name",
            )
        parts = urlsplit(self._settings.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        connection = Connection(self._pool, origin, str(parts.hostname), cache)
        setattr(requester, _CONNECTION_ATTRIBUTE, connection)
        return requester


class _InstallationAuth(Auth.AppInstallationAuth):
    """PyGithub's installation sign-in, with token requests over our connection: PyGithub would open another."""

    def __init__(self, app_auth: Any, installation: int, app: Requester) -> None:
        super().__init__(app_auth, installation)
        self._app = app
        self._renewing = threading.Lock()

    @property
    def token(self) -> str:
        """The current token, renewed before it expires; one thread renews it while the others wait."""
        with self._renewing:
            return super().token

    def _get_installation_authorization(self) -> InstallationAuthorization:
        headers, data = self._app.requestJsonAndCheck(
            "POST", f"/app/installations/{self.installation_id}/access_tokens", input={}
        )
        return InstallationAuthorization(self._app, headers, data)
