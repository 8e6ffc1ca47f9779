"""AWS: accounts of an organization or one by one; IAM, S3, account and organization settings."""

from __future__ import annotations

from connectors.aws._sdk.connector import aws

__all__ = ["aws"]
