"""Okta: an organization with its people, administrators, sign-on policies, authenticators, applications and logs."""

from __future__ import annotations

from connectors.okta._sdk.connector import okta

__all__ = ["okta"]
