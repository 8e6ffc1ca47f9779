"""Checks of IAM: certificates that were uploaded to it, and root users that the organization looks after."""

from __future__ import annotations

from datetime import datetime

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.aws.iam.resources.upkeep import OrganizationFeatures, ServerCertificate

_ROOT_CREDENTIALS = "RootCredentialsManagement"


@check(
    "aws_iam_no_expired_server_certificates",
    title="A certificate that was uploaded to IAM has not expired",
    severity="medium",
    fix="Delete the certificate, or replace it; certificates of Certificate Manager are renewed by AWS",
)
def no_expired_server_certificates(certificate: ServerCertificate, *, now: datetime) -> Verdict:
    name, ends = certificate.server_certificate_name, certificate.expiration
    if ends is None:
        return unknown(f"AWS does not say until when {name} is valid")
    said = f"{name} is valid until {ends:%Y-%m-%d}"
    return passed(said) if ends > now else failed(f"{name} expired on {ends:%Y-%m-%d}")


@check(
    "aws_iam_root_credentials_centrally_managed",
    title="The organization looks after the credentials of root users in its accounts",
    severity="medium",
    fix="Enable central management of root credentials in IAM, in the management account",
)
def root_credentials_centrally_managed(features: OrganizationFeatures) -> Verdict:
    if features.enabled_features is None:
        return failed("IAM has no trusted access to the organization, so that each account keeps its own root user")
    if _ROOT_CREDENTIALS in features.enabled_features:
        return passed("central management of root credentials is on")
    return failed("central management of root credentials is off")
