"""IAM: certificates that were uploaded to it, and what the organization has it do about root users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings


@resource("aws.iam.server_certificate", key="ServerCertificateId")
class ServerCertificate(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A certificate that was uploaded to IAM (iam:ListServerCertificates)."""

    server_certificate_id: str
    server_certificate_name: str
    expiration: datetime | None = None  # None: AWS documents it as optional


@resource("aws.iam.organization_features")
class OrganizationFeatures(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What IAM does for root users of the organization (iam:ListOrganizationsFeatures)."""

    enabled_features: tuple[str, ...] | None  # None: IAM may not do anything for the organization


def _whole_organization(settings: Settings) -> bool:
    return settings.accounts == "organization"


@aws.collects(
    ServerCertificate, at="account", call="iam:ListServerCertificates", permissions="iam:ListServerCertificates"
)
def server_certificates(account: Account) -> Iterator[Body]:
    yield from account.pages("iam", "ListServerCertificates", "ServerCertificateMetadataList", MaxItems=1000)


@aws.collects(OrganizationFeatures, at="source", call=NO_CALL, when=_whole_organization)
def organization_features(_source: Account) -> Iterator[Body]:
    yield {"Of": "organization"}


@aws.part(
    OrganizationFeatures,
    "EnabledFeatures",
    call="iam:ListOrganizationsFeatures",
    permissions="iam:ListOrganizationsFeatures",
    absent="ServiceAccessNotEnabledException",
)
def enabled_features(source: Account, _body: Body) -> Any:
    answer = source.call("iam", "ListOrganizationsFeatures", having="OrganizationId")
    return answer.get("EnabledFeatures", [])
