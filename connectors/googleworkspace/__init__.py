"""Google Workspace and Cloud Identity: people, administrators, settings, groups, domains and devices."""

from __future__ import annotations

from connectors.googleworkspace._sdk.connector import googleworkspace

__all__ = ["googleworkspace"]
