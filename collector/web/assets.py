"""Style sheet and script: files of annexd's own, whose names change with their bytes, so that they may be kept."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_FOLDER = files("collector.pages") / "templates"
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_KEPT = "public, max-age=31536000, immutable"

PREFIX = "/assets/"
"""Where style sheet and script are; they are the same for everybody."""


class Assets:
    """The files, read once. `stylesheet`, `script` and `icon` are their addresses."""

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}
        self.stylesheet = self._add("web/annexd.css", "acts/acts.css")
        self.script = self._add("web/annexd.js")
        self.icon = self._add("web/annexd.svg")

    def _add(self, name: str, *more: str) -> str:
        content = b"".join((_FOLDER / part).read_bytes() for part in (name, *more))
        stem, _, ending = name.rpartition("/")[2].rpartition(".")
        address = f"{PREFIX}{stem}-{sha256(content).hexdigest()[:16]}.{ending}"
        self._bytes[address] = content
        return address

    def routes(self) -> list[Route]:
        """Return a route for each file."""
        return [Route(address, self._give) for address in self._bytes]

    def _give(self, request: Request) -> Response:
        address = request.url.path
        kind = _TYPES[address.rpartition(".")[2]]
        return Response(self._bytes[address], media_type=kind, headers={"cache-control": _KEPT})
