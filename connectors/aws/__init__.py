"""AWS: identities, networks, storage, logs, detectors, patches and backups, of one account or of an organization."""

from __future__ import annotations

from connectors.aws._sdk.connector import aws

__all__ = ["aws"]
