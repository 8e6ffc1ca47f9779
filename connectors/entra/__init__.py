"""Entra ID, Microsoft 365 and Intune: people, sign-in, roles, applications, sharing, mail and devices of a tenant."""

from __future__ import annotations

from connectors.entra._sdk.connector import entra

__all__ = ["entra"]
