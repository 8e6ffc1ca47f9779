"""AWS, of one account or of all in an organization: a folder for each service."""

from __future__ import annotations

from connectors.aws._sdk.connector import aws

__all__ = ["aws"]
