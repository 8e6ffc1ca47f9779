"""Certificate Manager: the certificates of a region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

# Without them AWS lists certificates with RSA keys of 1024 and 2048 bits only.
# https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
KEY_TYPES = (
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
)


@resource("aws.acm.certificate", key="CertificateArn")
class Certificate(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One certificate (acm:ListCertificates)."""

    certificate_arn: str
    domain_name: str
    status: str
    type: str  # AMAZON_ISSUED, IMPORTED or PRIVATE
    in_use: bool
    key_algorithm: str = ""  # AWS documents it as optional
    not_after: datetime | None = None  # None: it was never issued
    renewal_eligibility: str = "INELIGIBLE"


@aws.collects(Certificate, at="region", call="acm:ListCertificates", permissions="acm:ListCertificates")
def certificates(account: Account) -> Iterator[Body]:
    yield from account.pages(
        "acm",
        "ListCertificates",
        "CertificateSummaryList",
        Includes={"keyTypes": list(KEY_TYPES)},
        MaxItems=1000,
    )
