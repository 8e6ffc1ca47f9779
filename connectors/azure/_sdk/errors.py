"""Resource Manager's refusals as ConnectorError: what each says of the scope, and what mends it.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import re
from typing import Any

from collector.core.errors import ConnectorError, Denied, NotThere, NotUsed, Unexpected
from connectors._http import Errors, Reply
from connectors._http.replies import loads

_REFUSED_ACTION = re.compile(r"perform action '([^']{1,200})' over scope '([^']{1,300})'")
_FORBIDDEN = 403

NOT_REGISTERED = "MissingSubscriptionRegistration"
"""The provider is not registered in the subscription. It can be unregistered only where it holds no resource, and makes
none before: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types"""

_DEFENDER_NOT_REGISTERED = "Subscription Not Registered"
"""Defender for Cloud's own word for the same, with status 401 or 404: "Please register to Microsoft.Security"."""


def code_of(body: Any) -> Any:
    """Return the code of an error. Older providers leave out the object around it, or write its names in capitals."""
    error = body.get("error") or body
    return error.get("code") or error["Code"]


def message_of(body: Any) -> Any:
    """Return the message of an error."""
    error = body.get("error") or body
    return error.get("message") or error["Message"]


def _word(read: Any, body: Any) -> str:
    try:
        found = read(body)
    except (LookupError, TypeError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""


def _explain(reply: Reply) -> ConnectorError | None:
    """Return the error where the message says more than the code."""
    try:
        body = loads(reply.body)
    except (ValueError, RecursionError):
        return None
    code, message = _word(code_of, body), _word(message_of, body)
    if code == _DEFENDER_NOT_REGISTERED and "Microsoft.Security" in message:
        return NotUsed("Azure says that Microsoft.Security is not registered in the subscription", code=code)
    refused = _REFUSED_ACTION.search(message)
    if reply.status == _FORBIDDEN and refused is not None:
        action, scope = refused[1], refused[2]
        by_deny = " because of a deny assignment" if "deny assignment" in message else ""
        return Denied(
            f"Azure refuses {action} over {scope}{by_deny}",
            code=code,
            mend=f"grant {action}, by Reader or the custom role that annexd permissions azure prints",
        )
    return None


ERRORS = Errors(
    "Azure",
    code=code_of,
    message=message_of,
    by_code={
        # Another tenant's, cancelled and removed, or a misprint in the settings: no permission would show it.
        "SubscriptionNotFound": NotThere,
        "InvalidSubscriptionId": NotThere,
        # A subscription of a kind that may use no provider at all, such as "Access to Azure Active Directory".
        "DisallowedOperation": NotThere,
        NOT_REGISTERED: NotUsed,
        # Not the same: it says that the version or the place is not served, which a connector that grows old meets.
        "NoRegisteredProviderFound": Unexpected,
        "ResourceNotFound": NotThere,
        "ResourceGroupNotFound": NotThere,
        "ParentResourceNotFound": NotThere,
        # Eligible assignments need Entra ID P2 (or Governance).
        "AadPremiumLicenseRequired": NotThere,
    },
    explain=_explain,
)


def graph_errors() -> Errors:
    """Return the errors of Microsoft Graph, which has the same form."""
    return Errors("Microsoft Graph", code=code_of, message=message_of)
