"""The types of secrets that GitHub leaves out of the list of alerts unless it is asked for them by name.

https://docs.github.com/en/code-security/reference/secret-security/supported-secret-scanning-patterns
"""

from __future__ import annotations

_TYPES = (
    "ec_private_key", "generic_private_key", "http_basic_authentication_header", "http_bearer_authentication_header",
    "mongodb_connection_string", "mysql_connection_string", "openssh_private_key", "password", "pgp_private_key",
    "postgres_connection_string", "rsa_private_key",
)  # fmt: skip

GENERIC_PATTERNS = ",".join(_TYPES)
"""The types as the parameter `secret_type` takes them."""
