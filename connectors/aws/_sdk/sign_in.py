"""Signing in: from the credentials of this process to the role of the source, and from there to a role per account."""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Denied, Unexpected
from connectors.aws._sdk.settings import HOME_REGION, Settings
from connectors.aws._sdk.wire_hooks import hook_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from botocore.exceptions import ClientError

    from collector.core.wire import Wire

# The scheme, the bucket, and the host, of the address of a request for a directory bucket.
_DIRECTORY_BUCKET = re.compile(r"(https?://)([^/.]+--x-s3)\.([^/?]+)")


class SignIn:
    """The credentials of one source, shared by its accounts and regions; one thread signs in while others wait.

    The data of botocore is loaded once for all accounts: for each session apart it would take some 88 MB. Of services
    of which `declared` names an operation, only these are loaded.
    """

    def __init__(self, settings: Settings, declared: Iterable[str] = ()) -> None:
        from botocore import __version__  # noqa: PLC0415  the SDK is imported only when it is used
        from botocore.config import Config  # noqa: PLC0415  the same
        from botocore.loaders import create_loader  # noqa: PLC0415  the same

        from connectors.aws._sdk.service_models import declared_loader  # noqa: PLC0415  it imports the SDK

        operations = tuple(declared)
        self.loader = declared_loader(operations) if operations else create_loader()
        self._settings = settings
        self._lock = threading.RLock()
        self._process_credentials: Any = None
        self._role_credentials: dict[str, Any] = {}
        # A refused role is not tried again: every attempt is an entry in the other account's CloudTrail. Stored is how
        # to make the error, because one error object raised in many threads would gather the tracebacks of all.
        self._refused: dict[str, Callable[[], Denied]] = {}
        self._own_account = settings.hub
        # A session of a directory bucket is for its data; what is asked of it here does without.
        s3: Any = {"disable_s3_express_session_auth": True}
        if settings.endpoint_url is not None:
            # A configured endpoint (a test double, a private network) has no host name for each bucket.
            s3["addressing_style"] = "path"
        self._config = Config(
            retries={"mode": "standard", "max_attempts": 4},
            connect_timeout=10,
            read_timeout=60,
            # A whole text, and no addition to botocore's own, which it would put together twice for each call.
            user_agent=f"Botocore/{__version__} annexd",
            max_pool_connections=16,
            s3=s3,
        )

    def session(self, account: str | None, wire: Wire) -> Any:
        """Return a botocore session signed in to an account, or with None to the source; its clients use the wire."""
        return self._session(self._credentials_for(account), wire)

    def client(self, session: Any, service: str, region: str) -> Any:
        """Return a botocore client of a service in a region."""
        client = session.create_client(
            service, region_name=region, endpoint_url=self._settings.endpoint_url, config=self._config
        )
        if self._settings.endpoint_url is not None:
            client.meta.events.register("before-sign.s3-control", drop_account_from_host)
            client.meta.events.register("before-sign.s3", move_bucket_to_path)
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
        """Return the id of the account that the source itself is signed in to; no role is assumed for it."""
        if self._own_account is None:
            sts = self._sts(credentials)
            try:
                self._own_account = str(sts.get_caller_identity()["Account"])
            finally:
                sts.close()
        return self._own_account

    def _credentials_of_process(self) -> Any:
        """Return the credentials of this process, found in botocore's order. Raises Denied where there are none."""
        if self._process_credentials is None:
            self._process_credentials = self._session(None, None).get_credentials()
            if self._process_credentials is None:
                raise Denied(
                    "no AWS credentials were found",
                    mend="set profile in the source, or give this process credentials as for the AWS command line",
                )
        return self._process_credentials

    def _credentials_of_role(self, role: str, source: Any) -> Any:
        """Return credentials of a role, renewed before they expire. Raises Denied where AWS refused the role."""
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
            # STS quotes the request in some of its errors, the external id included.
            failure = explain(_without_secrets(error, *external.values()))
        else:
            return _refreshable(temporary)
        finally:
            sts.close()
        # Raised outside of `except`, so that the error with AWS's own text is not chained to it.
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
    """A credential provider for botocore that returns credentials it was made with."""

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
    """Replace secrets in the message of an error, and return the error. To be done before the message is shortened."""
    details = error.response.get("Error", {})
    for secret in secrets:
        details["Message"] = str(details.get("Message") or "").replace(secret, "[external id]")
    return error


def drop_account_from_host(request: Any, **_: object) -> None:
    """Remove the account id that S3 Control puts before the host name; the header x-amz-account-id has it too."""
    account = request.headers.get("x-amz-account-id")
    if account is not None:
        request.url = request.url.replace(f"//{account}.", "//", 1)


def move_bucket_to_path(request: Any, **_: object) -> None:
    """Write the name of a directory bucket after the host name, before which botocore puts it whatever it is told."""
    request.url = _DIRECTORY_BUCKET.sub(r"\1\3/\2", request.url, count=1)
