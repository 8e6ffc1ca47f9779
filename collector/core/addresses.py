"""Addresses as people may read them: of a database or a proxy, without the password that stands in it."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

_SECRET_NAME = re.compile(r"pass(?!file)|pwd|secret|token|cred|key", re.IGNORECASE)
_HIDDEN = "***"
_SIGNED_IN = re.compile(r"^([a-z][a-z0-9+.\-]*://[^:/@?]*):.*@", re.IGNORECASE | re.DOTALL)


def shown_address(address: str) -> str:
    """Return an address in which each password is three stars: behind the user, and in parameters.

    A password may hold any sign that should have been written as `%40` and the like, so what is taken reaches to the
    last `@`. Text that is no address is returned as it is.
    """
    head, mark, query = address.partition("?")
    parameters = [_shown_parameter(parameter) for parameter in query.split("&")]
    return _SIGNED_IN.sub(rf"\1:{_HIDDEN}@", head + mark + "&".join(parameters), count=1)


def _shown_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={_HIDDEN}" if equals and _SECRET_NAME.search(unquote_plus(name)) else parameter
