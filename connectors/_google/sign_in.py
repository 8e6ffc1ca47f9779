"""Signing in to Google by google-auth, in each of its forms; every request for a token goes through the wire."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError, NotSignedIn, Unavailable
from connectors._http import Retries, TokenRequests, kept_for
from connectors._http.adapters.google import AuthRequest, google_tokens

if TYPE_CHECKING:
    from collector.core.secrets import Secret
    from collector.core.wire import Wire
    from connectors._http import Reply

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
"""The one scope that all APIs of Google Cloud take; what may be done with it is a matter of IAM alone."""

_QUOTA_HEADER = "x-goog-user-project"
_UNIVERSE = "googleapis.com"


@dataclass(frozen=True)
class SignIn:
    """How a source signs in.

    `credentials` is the JSON of a service account's key, of workload identity federation, of impersonation or of a
    user; without it the Application Default Credentials of the machine are used. `impersonate` is a service account
    that these act as, through `delegates` where they may not directly. `subject` is the user that a service account
    with domain-wide delegation acts as: with a key, or without one where `impersonate` names that account.
    `quota_project` is the project that calls are charged to.
    """

    credentials: Secret | None = None
    impersonate: str | None = None
    delegates: tuple[str, ...] = ()
    subject: str | None = None
    quota_project: str | None = None

    def identity(self, *scopes: str) -> Identity:
        """Return the identity for some OAuth scopes, one for all clients of the source.

        With a `subject`, one scope that is not authorized fails the token for all: ask for an identity a scope then.
        """
        return kept_for((self, scopes), lambda: Identity(self, scopes))


class Identity:
    """A credential of Google for the clients of one source, and the headers that carry it."""

    def __init__(self, sign_in: SignIn, scopes: tuple[str, ...]) -> None:
        self._sign_in = sign_in
        self._scopes = scopes
        self._made: Any = None
        self._tokens = google_tokens(TokenRequests("Google", Retries(attempts=2)), self._make)

    def headers(self, wire: Wire) -> Mapping[str, str]:
        """Return the headers, with the project that calls are charged to where there is one."""
        return self._charged(self._tokens.headers(wire))

    def renewed(self, refused: Mapping[str, str], reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return headers with a new token."""
        token = {name: value for name, value in refused.items() if name != _QUOTA_HEADER}
        renewed = self._tokens.renewed(token, reply, wire)
        return None if renewed is None else self._charged(renewed)

    def name(self, wire: Wire) -> str:
        """Return who annexd is, by the credential itself: no API says so of every kind."""
        self._tokens.headers(wire)
        return principal(self._made, self._sign_in.subject)

    def _make(self, request: AuthRequest) -> Any:
        self._made = credential(self._sign_in, self._scopes, request)
        return self._made

    def _charged(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        project = self._sign_in.quota_project or getattr(self._made, "quota_project_id", None)
        return {**headers, _QUOTA_HEADER: project} if project else headers


def credential(sign_in: SignIn, scopes: tuple[str, ...], request: AuthRequest) -> Any:
    """Return the credential of google-auth for a sign-in.

    Raises ConfigError for one that cannot be read, or that cannot act for a user, NotSignedIn where there is none.
    """
    source = _source(sign_in, scopes, request)
    if sign_in.impersonate is not None:
        from google.auth import impersonated_credentials  # noqa: PLC0415  the SDK is imported only when it is used

        return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call] # untyped there
            source,
            target_principal=sign_in.impersonate,
            target_scopes=list(scopes),
            delegates=list(sign_in.delegates),
            subject=sign_in.subject,
        )
    if sign_in.subject is None:
        return source
    if not hasattr(source, "with_subject"):
        raise ConfigError(
            f"{type(source).__module__} credentials cannot act for {sign_in.subject}",
            mend="name the service account with domain-wide delegation in impersonate, or give its key",
        )
    return source.with_subject(sign_in.subject)


@dataclass
class _Looking:
    """Sends what google-auth asks while it looks for a credential; remembers whether a cloud's own machine answered."""

    request: AuthRequest
    is_off_cloud: bool = False

    def __call__(self, url: str, *args: Any, **named: Any) -> Any:
        try:
            return self.request(url, *args, **named)
        except Unavailable:
            self.is_off_cloud = url.startswith("http:")  # only the metadata service of a machine is asked in clear
            raise


def _source(sign_in: SignIn, scopes: tuple[str, ...], request: AuthRequest) -> Any:
    from google import auth  # noqa: PLC0415  the SDK is imported only when it is used
    from google.auth import compute_engine, exceptions  # noqa: PLC0415  the same

    looking: Any = _Looking(request)
    try:
        with warnings.catch_warnings():
            # Google warns of configurations that somebody else wrote; this one is the operator's own.
            warnings.simplefilter("ignore", DeprecationWarning)
            if sign_in.credentials is None:
                found, _ = auth.default(scopes=list(scopes), request=looking)
            else:
                found = _loaded(sign_in.credentials, scopes, request)
    except (exceptions.GoogleAuthError, ValueError) as error:
        if sign_in.credentials is not None:
            # Not the error itself: that of a key repeats what it cannot read.
            raise ConfigError(f"{sign_in.credentials!r} is no credential of Google ({type(error).__name__})") from None
        raise _no_credential(str(error)) from error
    except Unavailable as error:
        if not looking.is_off_cloud:
            raise
        raise _no_credential(error.what) from error
    if isinstance(found, compute_engine.Credentials):
        # Asked for its universe, this credential opens a connection of its own beside the wire.
        found = found.with_universe_domain(_UNIVERSE)
    return found


def _loaded(secret: Secret, scopes: tuple[str, ...], request: AuthRequest) -> Any:
    """Return the credential of the settings; of a service account's key, which takes long to read, it is read once."""
    from google import auth  # noqa: PLC0415  the SDK is imported only when it is used

    text = secret.reveal()
    info = _parsed(secret, text)
    if info.get("type") == "service_account":
        return _with_key(text).with_scopes(list(scopes))
    found, _ = auth.load_credentials_from_dict(info, scopes=list(scopes), request=request)  # type: ignore[no-untyped-call] # untyped there
    return found


@lru_cache(maxsize=16)
def _with_key(text: str) -> Any:
    """Return the credential of a service account's key, of no scope yet. Raises as google-auth does."""
    from google import auth  # noqa: PLC0415  the same

    found, _ = auth.load_credentials_from_dict(json.loads(text))  # type: ignore[no-untyped-call] # the same
    return found


def _no_credential(why: str) -> NotSignedIn:
    return NotSignedIn(
        f"this machine has no credential of Google: {why[:200]}",
        mend="attach a service account to it, name credentials in the source, or set GOOGLE_APPLICATION_CREDENTIALS",
    )


def _parsed(secret: Secret, text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None  # not the error itself: it quotes what it read
    if not isinstance(found, dict):
        raise ConfigError(f"{secret!r} is no JSON object", mend="give the whole file that Google made, or its path")
    return found


def principal(made: Any, subject: str | None = None) -> str:
    """Return who a credential is, once it was used."""
    account = getattr(made, "service_account_email", None) or getattr(made, "account", None)
    if not account:
        info = getattr(made, "info", None)
        audience = info.get("audience") if isinstance(info, dict) else None
        account = f"a federated identity of {audience}" if audience else "a user that the credential does not name"
    return f"{subject} through {account}" if subject else str(account)
