"""The HTTP kit: what connectors without a vendor's SDK are built on, and what sends for SDKs that can leave it to us.

A connector makes one `Http` for each scope. Everything that it sends passes the wire, is read with a bound, and is
judged before it is believed; see docs/http-kit.md.
"""

from __future__ import annotations

from connectors._http.assertions import key_form
from connectors._http.client import Http
from connectors._http.connections import answered_by
from connectors._http.errors import Errors
from connectors._http.paging import Cursor, InHeader, LinkHeader, NextLink, Offset, OnePage, Page, Paging
from connectors._http.quotas import QuotaHeaders, Usage
from connectors._http.replies import Reply
from connectors._http.sending import Retries
from connectors._http.shared_results import SharedResults
from connectors._http.token_requests import TokenRequests, oauth_tokens
from connectors._http.tokens import SecretHeader, Token, Tokens, TokenSource, kept_for

__all__ = [
    "Cursor",
    "Errors",
    "Http",
    "InHeader",
    "LinkHeader",
    "NextLink",
    "Offset",
    "OnePage",
    "Page",
    "Paging",
    "QuotaHeaders",
    "Reply",
    "Retries",
    "SecretHeader",
    "SharedResults",
    "Token",
    "TokenRequests",
    "TokenSource",
    "Tokens",
    "Usage",
    "answered_by",
    "kept_for",
    "key_form",
    "oauth_tokens",
]
