"""GitLab: groups and projects, their members, tokens, protection of the default branch, changes and scans."""

from __future__ import annotations

from connectors.gitlab._sdk.connector import gitlab

__all__ = ["gitlab"]
