"""Signing in: from the credentials of this process to a role, and from there to a role in each account."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Denied, Unexpected
from connectors.aws._sdk.settings import HOME_REGION, Settings
from connectors.aws._sdk.wire_hooks import hook_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.exceptions import ClientError

    from collector.core.wire import Wire


class SignIn:
    """The credentials of one source, shared by its scopes; whoever comes first signs in, and the others wait for it.

    Loads the SDK and its data once for all accounts: a session of its own for each would take some 88 MB each.
    """

    def __init__(self, settings: Settings) -> None:
        from botocore.config import Config  # noqa: PLC0415  the SDK is imported only when it is used
        from botocore.loaders import create_loader  # noqa: PLC0415  the same

        self.loader = create_loader()
        self._settings = settings
        self._lock = threading.RLock()
        self._process_credentials: Any = None
        self._role_credentials: dict[str, Any] = {}
        # Asking again for a role that was refused changes nothing, and fills the other account's log with refusals.
        # What is kept is the text: one error raised in many threads would grow a trail of all of them.
        self._refused: dict[str, Callable[[], Denied]] = {}
        self._own_account = settings.hub
        self._config = Config(
            retries={"mode": "standard", "max_attempts": 4},
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra="annexd",
            max_pool_connections=16,
            # A double or an endpoint of one's own network has no name for each bucket.
            s3={"addressing_style": "path"} if settings.endpoint_url is not None else None,
        )

    def session(self, account: str | None, wire: Wire) -> Any:
        """Return a session signed in to an account, or to where the source itself is; its clients pass the wire."""
        return self._session(self._credentials_for(account), wire)

    def client(self, session: Any, service: str, region: str) -> Any:
        """Return a client of a service in a region."""
        client = session.create_client(
            service, region_name=region, endpoint_url=self._settings.endpoint_url, config=self._config
        )
        if self._settings.endpoint_url is not None:
            client.meta.events.register("before-sign.s3-control", _drop_account_from_host)
        return client

    def _credentials_for(self, account: str | None) -> Any:
        settings = self._settings
        with self._lock:
            hub = self._credentials_of_process()
            if settings.role is not None:
                hub = self._credentials_of_role(settings.role, hub)
            if account is None or settings.accounts is None or account == self._own_account_id(hub):
                return hub
            role = settings.role_in(account)
            if role is None:
                raise Denied(
                    f"no role is named by which account {account} can be entered",
                    mend="set role_name in the source to the role that each account has for annexd",
                )
            return self._credentials_of_role(role, hub)

    def _own_account_id(self, credentials: Any) -> str:
        """Return the account that the source signs in to, which no role of its own need be entered for."""
        if self._own_account is None:
            sts = self._sts(credentials)
            try:
                self._own_account = str(sts.get_caller_identity()["Account"])
            finally:
                sts.close()
        return self._own_account

    def _credentials_of_process(self) -> Any:
        """Return the credentials that this process has been given, in the SDK's own order of places."""
        if self._process_credentials is None:
            self._process_credentials = self._session(None, None).get_credentials()
            if self._process_credentials is None:
                raise Denied(
                    "no AWS credentials were found",
                    mend="set profile in the source, or give this process credentials as for the AWS command line",
                )
        return self._process_credentials

    def _credentials_of_role(self, role: str, source: Any) -> Any:
        """Return credentials of a role, which are renewed before they end."""
        from botocore.credentials import RefreshableCredentials  # noqa: PLC0415  imported only when used

        if role in self._refused:
            refusal = self._refused[role]()
            raise refusal
        if role not in self._role_credentials:
            self._role_credentials[role] = RefreshableCredentials.create_from_metadata(
                metadata=self._assume(role, source),
                refresh_using=lambda: self._assume(role, source),
                method="annexd",
            )
        return self._role_credentials[role]

    def _assume(self, role: str, credentials: Any) -> dict[str, str]:
        from botocore.exceptions import ClientError  # noqa: PLC0415  the SDK is imported only when it is used

        from connectors.aws._sdk.errors import explain  # noqa: PLC0415  imported only when used

        settings = self._settings
        failure: ConnectorError | None
        external = {} if settings.external_id is None else {"ExternalId": settings.external_id.reveal()}
        sts = self._sts(credentials)
        try:
            temporary = sts.assume_role(RoleArn=role, RoleSessionName=settings.session_name, **external)["Credentials"]
        except ClientError as error:
            # STS quotes what it does not like of a request, the external id with it.
            failure = explain(_without_secrets(error, *external.values()))
        else:
            return _refreshable(temporary)
        finally:
            sts.close()
        # Raised out here, where the error that still has AWS's own text does not hang on it.
        if not isinstance(failure, Denied):
            raise failure or Unexpected(f"the role {role} cannot be assumed")
        self._refused[role] = partial(
            Denied,
            f"the role {role} cannot be assumed (needs sts:AssumeRole): {failure.what}",
            code=failure.code,
            mend=f"create {role}, let it trust the identity that annexd runs as, and allow that one sts:AssumeRole",
        )
        refusal = self._refused[role]()
        raise refusal

    def _sts(self, credentials: Any) -> Any:
        return self.client(self._session(credentials, None), "sts", HOME_REGION[self._settings.partition])

    def _session(self, credentials: Any, wire: Wire | None) -> Any:
        from botocore.session import Session  # noqa: PLC0415  the SDK is imported only when it is used

        session = Session(profile=self._settings.profile)
        session.register_component("data_loader", self.loader)
        if credentials is not None:
            session.register_component("credential_provider", _FixedCredentials(credentials))
        hook_wire(session, wire)
        return session


class _FixedCredentials:
    """Stands where botocore looks for credentials, and has them already."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Any:
        return self._credentials


def _refreshable(temporary: Any) -> dict[str, str]:
    return {
        "access_key": temporary["AccessKeyId"],
        "secret_key": temporary["SecretAccessKey"],
        "token": temporary["SessionToken"],
        "expiry_time": temporary["Expiration"].isoformat(),
    }


def _without_secrets(error: ClientError, *secrets: str) -> ClientError:
    """Take secrets out of what AWS says, before anything of it is cut short."""
    details = error.response.get("Error", {})
    for secret in secrets:
        details["Message"] = str(details.get("Message") or "").replace(secret, "[external id]")
    return error


def _drop_account_from_host(request: Any, **_: object) -> None:
    """S3 Control puts the account before the host; a double has no such name. A header carries the account as well."""
    account = request.headers.get("x-amz-account-id")
    if account is not None:
        request.url = request.url.replace(f"//{account}.", "//", 1)
