"""AWS: one account or all of an organization, each service in a folder of its own."""

from __future__ import annotations

from connectors.aws._sdk.connector import aws

__all__ = ["aws"]
