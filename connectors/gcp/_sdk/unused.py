"""When a kind cannot exist in a project, by the project's own list of APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def off(service: str) -> Callable[[Mapping[str, Any]], str | None]:
    """Return what says that nothing of an API is in use, from the list of enabled APIs that a discovery has read.

    Only for APIs whose resources do nothing while it is off. Buckets, service accounts, API keys, logs and contacts
    are there whether theirs is on or not.
    """

    def reason(facts: Mapping[str, Any]) -> str | None:
        services = facts.get("services")
        return f"{service} is not enabled in this project" if services is not None and service not in services else None

    return reason
