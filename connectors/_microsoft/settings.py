"""Settings by which a source signs in at Microsoft Entra: which tenant, which cloud, and by which one of six ways."""

from __future__ import annotations

import re

from msgspec import Struct

from collector.core.secrets import Secret
from connectors._microsoft.clouds import CLOUDS, Cloud, CloudName

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")

_WAYS = "client_secret, certificate, federated_token, managed_identity, azure_cli, access_token"


class SignInSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the settings of a source at Microsoft begin with.

    `tenant` is the id of the tenant or one of its domains. Exactly one of these says how the source signs in:

    - `client_secret` of the application `client_id`;
    - `certificate` of the application `client_id`, in PEM with its private key, and its `certificate_password`;
    - `federated_token` of a workload (Kubernetes, GitHub Actions), for the application `client_id` that trusts its
      issuer; read again for each sign-in, so that a file that is replaced is picked up;
    - `managed_identity` of the machine; with `client_id`, the user-assigned one of this id;
    - `azure_cli`: whoever is signed in with the Azure CLI on this machine;
    - `access_token`, which something else has asked for, and replaces before it ends.
    """

    tenant: str
    client_id: str | None = None
    client_secret: Secret | None = None
    certificate: Secret | None = None
    certificate_password: Secret | None = None
    federated_token: Secret | None = None
    managed_identity: bool = False
    azure_cli: bool = False
    access_token: Secret | None = None
    cloud: CloudName = "public"

    def __post_init__(self) -> None:
        if not is_tenant_id(self.tenant) and _DOMAIN.fullmatch(self.tenant) is None:
            raise ValueError(f"tenant = {self.tenant!r} is neither the id of a tenant nor a domain of it")
        if self.client_id is not None and _ID.fullmatch(self.client_id) is None:
            raise ValueError(f"client_id = {self.client_id!r} is no id; Entra calls it Application (client) ID")
        as_application = [way is not None for way in (self.client_secret, self.certificate, self.federated_token)]
        ways = sum([*as_application, self.managed_identity, self.azure_cli, self.access_token is not None])
        if ways != 1:
            raise ValueError(f"say exactly one of {_WAYS}")
        if any(as_application) and self.client_id is None:
            raise ValueError("client_id is missing: the application that signs in")
        if self.certificate_password is not None and self.certificate is None:
            raise ValueError("certificate_password belongs to certificate")
        if (self.managed_identity or self.access_token is not None) and not is_tenant_id(self.tenant):
            raise ValueError("tenant: write its id, with which the token is compared; a domain does not tell")
        if self.client_id is not None and not (any(as_application) or self.managed_identity):
            raise ValueError("client_id belongs to an application or to a user-assigned managed identity")

    @property
    def endpoints(self) -> Cloud:
        """The addresses of the source's cloud."""
        return CLOUDS[self.cloud]

    @property
    def identity(self) -> str:
        """A name for who signs in, as the settings tell it: sources with the same one share their quotas."""
        if self.managed_identity:
            who = f"managed identity {self.client_id or 'of the machine'}"
        elif self.azure_cli:
            who = "whoever is signed in with the Azure CLI"
        elif self.access_token is not None:
            who = f"whoever has the token of {self.access_token.source}"
        else:
            who = f"application {self.client_id}"
        return f"{who} in tenant {self.tenant}"


def is_tenant_id(text: str) -> bool:
    """Whether a text is the id of a tenant, not one of its domains."""
    return _ID.fullmatch(text) is not None
