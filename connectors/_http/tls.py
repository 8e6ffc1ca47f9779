"""The certificates that platforms are checked against. There is no setting that turns the check off."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

import httpx

from collector.core.errors import ConfigError

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""What names the certificates of this machine's own authority; a file, or a folder as `openssl rehash` leaves it."""


def ssl_context() -> ssl.SSLContext:
    """Return the one context of this process, made again only where the environment or a file has changed.

    Where a variable is set, what it names replaces the authorities that come with annexd; where several are, all of
    them count. Raises ConfigError where one of them names nothing that can be read.
    """
    named = tuple((name, os.environ[name]) for name in VARIABLES if os.environ.get(name))
    return _context(tuple((name, path, _changed(name, path)) for name, path in named))


def _changed(name: str, path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError as error:
        raise ConfigError(
            f"{name} names {path}, which cannot be read: {error.strerror}", mend="name a file of certificates in PEM"
        ) from error


@lru_cache(maxsize=4)
def _context(named: tuple[tuple[str, str, int], ...]) -> ssl.SSLContext:
    if not named:
        return httpx.create_ssl_context(trust_env=False)  # the authorities that come with httpx
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name, as the default one does
    for name, path, _ in named:
        is_folder = Path(path).is_dir()
        try:
            context.load_verify_locations(cafile=None if is_folder else path, capath=path if is_folder else None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{name} names {path}, which holds no certificates: {error}", mend="name a file of certificates in PEM"
            ) from error
    return context
