"""What rendered a bundle, as the log entry of its export says it: equal words, and equal evidence, give equal bytes."""

from __future__ import annotations

import sys
import zlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from collector import __version__
from collector.core.canonical import canonical, digest_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from collector.setup.app import App

RENDERER = "renderer"
"""The key in what the log entry of an export is about."""

_LIBRARIES = ("Jinja2", "MarkupSafe", "XlsxWriter", "msgspec", "orjson")
_FOLDERS = ("collector.pages", "collector.bundle")
_CODE = (".py", ".toml", ".pyc")


def renderer_of(app: App) -> str:
    """Return the versions that decide the bytes of what is rendered, and a digest of the code and the templates."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
    digest = digest_of(canonical([app.code_digest, _templates()]))
    return f"annexd {__version__}, {libraries}, {python}, {digest}"


@cache
def _templates() -> list[list[str]]:
    """Return the files beside the code that are rendered or handed out, with their digests."""
    found: list[list[str]] = []
    for package in _FOLDERS:
        _add(found, package, files(package))
    return sorted(found)


def _add(found: list[list[str]], name: str, place: Traversable) -> None:
    for entry in place.iterdir():
        if entry.is_dir():
            _add(found, f"{name}/{entry.name}", entry)
        elif not entry.name.endswith(_CODE):
            found.append([f"{name}/{entry.name}", digest_of(entry.read_bytes())])
