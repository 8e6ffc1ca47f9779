"""Google Cloud: organization, folders and projects, their policies, and what runs in them."""

from __future__ import annotations

from connectors.gcp._sdk.connector import gcp

__all__ = ["gcp"]
