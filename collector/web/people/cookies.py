"""The two cookies: the session, and the sign-in that was begun. Over TLS both have the prefix `__Host-`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response


class Cookies:
    """Names, reads and sets them. Without TLS, which only this machine may use, they lack prefix and `Secure`."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self.session = f"{prefix}annexd-session"
        self.begun = f"{prefix}annexd-sign-in"

    def read(self, request: HTTPConnection, name: str) -> str | None:
        """Return the value of one, None where it is not sent."""
        return request.cookies.get(name)

    def set(self, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
        """Set one; without seconds it goes with the browser."""
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Delete one."""
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")
