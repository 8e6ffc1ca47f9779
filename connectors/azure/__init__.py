"""Azure by Resource Manager: subscriptions with their roles, networks, data stores, logs, backups and Defender."""

from __future__ import annotations

from connectors.azure._sdk.connector import azure

__all__ = ["azure"]
