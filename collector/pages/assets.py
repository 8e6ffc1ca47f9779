"""Files that pages lead to, as they are in this package."""

from __future__ import annotations

from importlib.resources import files


def read_asset(name: str) -> bytes:
    """Return the bytes of a file among the templates, such as `web/annexd.css`."""
    return (files("collector.pages") / "templates" / name).read_bytes()
