"""What Resource Manager says of the reads that are left to whoever asks.

https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

from datetime import timedelta

from connectors._http import Reply, Usage
from connectors._http.quotas import number

LIMIT = 250
"""Reads that a principal has in a subscription, or in the tenant, at most."""

_PER_SECOND = 25

_HEADERS = ("x-ms-ratelimit-remaining-subscription-reads", "x-ms-ratelimit-remaining-tenant-reads")


def reads_left(reply: Reply) -> Usage:
    """Return how many reads are left, and how long it takes until all have come back.

    Nothing where the answer does not say, or says more than there can be: a cloud that still counts by the hour.
    """
    remaining = next((left for name in _HEADERS if (left := number(reply, name)) is not None), None)
    if remaining is None or remaining > LIMIT:
        return Usage()
    return Usage(remaining=remaining, limit=LIMIT, resets_in=timedelta(seconds=(LIMIT - remaining) / _PER_SECOND))
