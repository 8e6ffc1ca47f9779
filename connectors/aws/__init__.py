"""AWS: account, CloudTrail, Config, EC2, IAM, Organizations and S3, of one account or of all in an organization."""

from __future__ import annotations

from connectors.aws._sdk.connector import aws

__all__ = ["aws"]
