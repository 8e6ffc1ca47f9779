"""What GitLab's refusals mean, and those of GraphQL, which come with the status of a success."""

from __future__ import annotations

import re
from typing import Any

from collector.core.errors import ConnectorError, Denied, NotSignedIn, Unexpected
from connectors._http import Errors

NOT_IN_PLAN = "not in the plan"
"""The code of what GitLab's plan does not include, by GitLab's own word of the plan."""

_WORD = re.compile(r"[a-z]+(?:_[a-z]+)+")


def _code(body: Any) -> str | None:
    """Return a word of OAuth, such as insufficient_scope; a sentence is no code."""
    word = body["error"]
    return word if isinstance(word, str) and _WORD.fullmatch(word) else None


def _message(body: Any) -> Any:
    for name in ("error_description", "message", "error"):
        if isinstance(body.get(name), str):
            return body[name]
    return None


ERRORS = Errors(
    "GitLab",
    code=_code,
    message=_message,
    by_code={
        "insufficient_scope": Denied,
        "insufficient_granular_scope": Denied,
        "invalid_token": NotSignedIn,
        "token_expired": NotSignedIn,
    },
    # By GitLab's documentation 404 may say that one is not authorized, as well as that there is no such thing.
    # https://docs.gitlab.com/api/rest/troubleshooting/#status-codes
    by_status={404: Denied},
)


def is_refusal(error: ConnectorError) -> bool:
    """Whether GitLab refused, which it does where the plan has no such feature too; a wrong token is no refusal."""
    return isinstance(error, Denied) and not isinstance(error, NotSignedIn)


def graphql_refusal(errors: Any) -> ConnectorError:
    """Return the error for the `errors` of a GraphQL answer."""
    messages = [str(error.get("message", "")) for error in errors or () if isinstance(error, dict)]
    said = "; ".join(filter(None, messages))[:300] or "no data"
    # GitLab words it so where a field or its object is not for this user.
    denied = any("don't have permission" in message or "not available" in message for message in messages)
    return (Denied if denied else Unexpected)(f"GitLab answered a query with errors: {said}", code="graphql")
