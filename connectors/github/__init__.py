"""GitHub: organizations and their repositories; who has access, what protects the code, and how it changed."""

from __future__ import annotations

from connectors.github._sdk.connector import github

__all__ = ["github"]
