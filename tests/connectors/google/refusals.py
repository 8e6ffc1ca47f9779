"""Refusals in the four shapes that Google's APIs give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


def by_error_info(
    status: int, reason: str, *, name: str = "PERMISSION_DENIED", retry: str = "", **metadata: str
) -> httpx.Response:
    """Return a refusal whose word is in `details` (google.rpc.ErrorInfo), as newer APIs have it."""
    details: list[Mapping[str, Any]] = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": metadata,
        }
    ]
    if retry:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry})
    body = {"code": status, "message": f"Google says {reason}.", "status": name, "details": details}
    return httpx.Response(status, json={"error": body})


def by_list(status: int, reason: str) -> httpx.Response:
    """Return a refusal whose word is in `errors`, as older APIs have it."""
    message = f"Google says {reason}."
    errors = [{"message": message, "domain": "usageLimits", "reason": reason}]
    return httpx.Response(status, json={"error": {"errors": errors, "code": status, "message": message}})


def by_status(status: int, name: str) -> httpx.Response:
    """Return a refusal that has no word but the name of its status."""
    return httpx.Response(status, json={"error": {"code": status, "message": f"Google says {name}.", "status": name}})


def by_text(status: int, word: str) -> httpx.Response:
    """Return a refusal whose error is a text, as those for tokens are."""
    return httpx.Response(status, json={"error": word, "error_description": f"Google says {word}."})
