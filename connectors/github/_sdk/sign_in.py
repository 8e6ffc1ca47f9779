"""Signing in: by a token, or as a GitHub App with tokens of an hour for each organization; PyGithub renews them."""

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
from connectors.github._sdk.result_cache import Once

if TYPE_CHECKING:
    from connectors.github._sdk.answer_cache import AnswerCache
    from connectors.github._sdk.settings import Settings

API_VERSION = "2022-11-28"

# What Requester keeps its connection under. PyGithub has no public place for one, only one for the whole process.
_PLACE = "_Requester__connection"


class SignIn:
    """The identities of one source, each with its requester, shared by all scopes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.once = Once()
        """What is the same for every scope of the source."""
        self._door = HttpPool()
        self._lock = threading.Lock()
        self._requesters: dict[str, Requester] = {}

    def by_token(self) -> Requester:
        """Return the requester of the source's token."""
        return self._made("token", self._with_token)

    def as_app(self) -> Requester:
        """Return the requester of the app itself, which may list its installations and little else."""
        return self._made("app", self._with_app)

    def as_installation(self, installation: int) -> Requester:
        """Return the requester of an installation of the app; its token is asked for when it is first used."""
        return self._made(f"installation {installation}", lambda: self._with_installation(installation))

    def close(self) -> None:
        """Close the connections."""
        self._door.session.close()

    def _made(self, name: str, make: Any) -> Requester:
        with self._lock:
            if name in self._requesters:
                return self._requesters[name]
        made: Requester = make()
        with self._lock:
            return self._requesters.setdefault(name, made)

    def _with_token(self) -> Requester:
        token = self._settings.token
        revealed = "" if token is None else token.reveal().strip()
        if not revealed:
            raise ConfigError("the token of the source is empty", mend="see where the token comes from")
        return self._requester(Auth.Token(revealed), self._memory(revealed))

    def _app_auth(self) -> Any:
        key = self._settings.private_key
        revealed = "" if key is None else key.reveal()
        if not revealed.strip():
            raise ConfigError("the private key of the app is empty", mend="see where private_key comes from")
        return Auth.AppAuth(str(self._settings.app_id), revealed)

    def _with_app(self) -> Requester:
        auth = self._app_auth()
        integration = GithubIntegration(
            auth=auth, base_url=self._settings.url, per_page=100, retry=None, seconds_between_requests=None
        )
        # What the app's own hourly signature gets is worth remembering for nobody.
        return self._through(integration.requester, MemoryCache(0), counted=False)

    def _with_installation(self, installation: int) -> Requester:
        auth = _InstallationAuth(self._app_auth(), installation, self.as_app())
        key = self._settings.private_key
        return self._requester(auth, self._memory("" if key is None else key.reveal()))

    def _requester(self, auth: Any, memory: AnswerCache) -> Requester:
        made = Requester(
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
        return self._through(made, memory, counted=True)

    def _memory(self, credential: str) -> AnswerCache:
        folder = self._settings.cache
        return MemoryCache() if folder is None else DiskCache(folder, credential)

    def _through(self, requester: Requester, memory: AnswerCache, *, counted: bool) -> Requester:
        if not hasattr(requester, _PLACE):
            raise ConfigError(
                "this version of PyGithub keeps its connection in a place that annexd does not know",
                mend="install the version that annexd's constraints name",
            )
        at = urlsplit(self._settings.url)
        origin = f"{at.scheme}://{at.netloc}"
        connection = Connection(self._door, origin, str(at.hostname), memory, counted=counted)
        setattr(requester, _PLACE, connection)
        return requester


class _InstallationAuth(Auth.AppInstallationAuth):
    """PyGithub's own, with the requests for tokens on our connection: PyGithub would open one of its own."""

    def __init__(self, app_auth: Any, installation: int, app: Requester) -> None:
        super().__init__(app_auth, installation)
        self._app = app
        self._renewing = threading.Lock()

    @property
    def token(self) -> str:
        """The token that is valid now; one thread asks for a new one while the others wait."""
        with self._renewing:
            return super().token

    def _get_installation_authorization(self) -> InstallationAuthorization:
        headers, data = self._app.requestJsonAndCheck(
            "POST", f"/app/installations/{self.installation_id}/access_tokens", input={}
        )
        return InstallationAuthorization(self._app, headers, data)
