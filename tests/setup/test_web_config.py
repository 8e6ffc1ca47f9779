"""`[web]` is refused wherever it would serve evidence to whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.core.errors import ConfigError
from collector.setup.config import load

if TYPE_CHECKING:
    from pathlib import Path

OIDC = """
[web.oidc]
issuer = "https://login.example.org"
client_id = "annexd"
client_secret = { env = "S" }
"""
URL = 'url = "https://annexd.example.com"\n'
TLS = 'certificate = "a.crt"\ncertificate_key = "a.key"\n'
AUDIT = (
    '[[web.audits]]\nid = "a"\ntitle = "A"\nframeworks = ["x"]\nfirst = 2026-01-01\nlast = {last}\nuntil = 2026-12-31\n'
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('listen = "127.0.0.1:65536"\n', "listen"),
        ('listen = "0.0.0.0:443"\n' + URL + OIDC, "listen"),
        ('listen = "[::]:443"\n' + URL + OIDC, "listen"),
        ('listen = "annexd.example.com:443"\n' + URL + OIDC, "listen"),
        ('listen = "0.0.0.0:443"\n' + URL + TLS, "listen"),
        ('listen = "0.0.0.0:443"\ntrusted_proxy = ["10.0.0.5"]\n' + OIDC, "url"),
        ('listen = "0.0.0.0:443"\nurl = "http://annexd.example.com"\ntrusted_proxy = ["10.0.0.5"]\n' + OIDC, "url"),
        ('url = "http://annexd.example.com"\n' + OIDC, "url"),
        ('certificate = "a.crt"\n' + OIDC, "certificate"),
        ('trusted_proxy = ["proxy"]\n' + OIDC, "trusted_proxy"),
        (OIDC.replace("https:", "http:"), "issuer"),
        (OIDC + 'scopes = ["email"]\n', "scopes"),
        (OIDC + '[[web.people]]\nrole = "admin"\n', "people"),
        (OIDC + '[[web.people]]\nrole = "admin"\ngroups = ["g"]\n', "people"),
        (OIDC + '[[web.people]]\nrole = "auditor"\nsubjects = ["s"]\n', "people"),
        ('[[web.people]]\nrole = "admin"\nsubjects = ["s"]\n', "people"),
        (OIDC + AUDIT.format(last="2026-06-30"), "audits"),
        (OIDC + AUDIT.format(last="2025-12-31") + 'subjects = ["s"]\n', "audits"),
        (OIDC + 2 * (AUDIT.format(last="2026-06-30") + 'subjects = ["s"]\n'), "audits"),
        (OIDC.replace('{ env = "S" }', '"plain"'), "client_secret"),
        ('idle = "0s"\n', "idle"),
    ],
)
def test_it_is_refused(tmp_path: Path, text: str, key: str) -> None:
    """With the key that is wrong; a secret is not repeated."""
    (tmp_path / "config.toml").write_text(f"[web]\n{text}")

    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "config.toml", {})

    assert f"web.{key}" in refused.value.what or f".{key}" in refused.value.what
    assert "plain" not in refused.value.what


@pytest.mark.parametrize(
    ("text", "origin", "secure"),
    [
        ("", "http://127.0.0.1:8137", False),
        ('listen = "[::1]:8000"\n', "http://[::1]:8000", False),
        ('listen = "localhost:8000"\n' + TLS, "https://localhost:8000", True),
        (URL + OIDC, "https://annexd.example.com", True),
        ('listen = "0.0.0.0:443"\n' + URL + TLS + OIDC, "https://annexd.example.com", True),
        ('listen = "0.0.0.0:80"\ntrusted_proxy = ["10.0.0.0/28"]\n' + URL + OIDC, "https://annexd.example.com", True),
    ],
)
def test_it_is_taken(tmp_path: Path, text: str, origin: str, *, secure: bool) -> None:
    """Without TLS only where nobody else can reach it."""
    (tmp_path / "config.toml").write_text(f"[web]\n{text}")
    config = load(tmp_path / "config.toml", {}).web

    assert config is not None
    assert (config.origin, config.is_secure) == (origin, secure)


def test_pages_are_off_by_default(tmp_path: Path) -> None:
    """Nothing listens where nothing is written."""
    (tmp_path / "config.toml").write_text("[store]\n")

    assert load(tmp_path / "config.toml", {}).web is None
