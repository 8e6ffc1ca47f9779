"""GitHub: organizations and repositories, their members, settings, branch protection, changes and alerts."""

from __future__ import annotations

from connectors.github._sdk.connector import github

__all__ = ["github"]
