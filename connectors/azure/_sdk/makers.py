"""Who made a resource and who changed it last, which Azure shows of most of them: often a person's address."""

from __future__ import annotations

MAKERS = ("systemData.createdBy", "systemData.lastModifiedBy")
"""Paths for `redact` of a kind."""
