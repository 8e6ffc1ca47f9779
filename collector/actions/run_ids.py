"""Names of runs: unique, and in the order in which the runs began."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def run_id(at: datetime) -> str:
    """Return a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, the rest random."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)  # the version
    value = (value & ~(0x3 << 62)) | (0x2 << 62)  # the variant
    return str(UUID(int=value))
