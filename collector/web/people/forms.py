"""Routes that take a form: sent by a page of our own, in this session, and not too large. No other route takes one."""

from __future__ import annotations

import logging
import secrets
from datetime import date
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from collector.actions.audit_requests import GivenFile
from collector.core.errors import UsageError
from collector.web.addresses import path_of
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import Message, Receive

    from collector.web.people.origins import Origins

_logger = logging.getLogger(__name__)

LARGEST_FORM = 33 << 20
"""Bytes of a form with its file."""

_LARGEST_PUBLIC = 1 << 14
"""Bytes of a form that nobody has to be signed in for: a token and no file."""

_FIELDS = 60
_TOO_LARGE = 413


class FormRoute(Route):
    """A route whose handler runs in a thread, with the proven form in `request.state.form`.

    `public`: nobody has to be signed in, and so no session has a token that could be asked for.
    """

    def __init__(
        self, path: str, handler: Callable[[Request], Response], origins: Origins, *, public: bool = False
    ) -> None:
        async def endpoint(request: Request) -> Response:
            return await _taken(request, handler, origins, public=public)

        super().__init__(path, endpoint, methods=["POST"])


async def _taken(
    request: Request, handler: Callable[[Request], Response], origins: Origins, *, public: bool
) -> Response:
    if not origins.is_own_page(request.headers):
        _logger.warning("a form for %s was sent by another page", path_of(request))
        raise HTTPException(403, "This form was sent by another page.")
    bounded = Request(request.scope, _bounded(request.receive, _LARGEST_PUBLIC if public else LARGEST_FORM))
    try:
        form = await bounded.form(max_files=0 if public else 1, max_fields=_FIELDS, max_part_size=1 << 18)
    except HTTPException as error:
        words = "is too large" if error.status_code == _TOO_LARGE else "cannot be read"
        raise HTTPException(error.status_code, f"The form {words}.") from error
    try:
        given = form.get("csrf")
        if not public and not (
            isinstance(given, str) and secrets.compare_digest(given.encode(), visitor_of(request).csrf.encode())
        ):
            _logger.warning("a form for %s had no token of its session", path_of(request))
            raise HTTPException(403, "This form is of another session. Load the page again.")
        request.state.form = form
        return await run_in_threadpool(handler, request)
    finally:
        await form.close()


def _bounded(receive: Receive, most: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(_TOO_LARGE)
        return message

    return bounded


def field(request: Request, name: str) -> str:
    """Return a field of the form without spaces around it; empty where it is not there."""
    value = _form(request).get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def fields(request: Request, name: str) -> list[str]:
    """Return the values of a field that may be there several times, without those that are empty."""
    return [text for value in _form(request).getlist(name) if isinstance(value, str) and (text := value.strip())]


def number(request: Request, name: str) -> int | None:
    """Return a field as a number, None where it is empty. Raises UsageError where it is none."""
    text = field(request, name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) >= len(str(1 << 62)):
        raise UsageError(f"{name}: {text[:40]!r} is no number", so="nothing was recorded")
    return int(text)


def day(request: Request, name: str) -> date | None:
    """Return a field as a day, None where it is empty. Raises UsageError where it is none."""
    text = field(request, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(
            f"{name}: {text[:40]!r} is no day", so="nothing was recorded", mend="write one such as 2026-03-31"
        ) from error


def file(request: Request, name: str) -> GivenFile | None:
    """Return the file of a form, None where none was chosen. Its name is only that, without folders."""
    given = _form(request).get(name)
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    data = given.file.read()
    if not data:
        raise UsageError(f"{given.filename} is empty", so="nothing was recorded", mend="choose the document")
    return GivenFile(name=_bare(given.filename), data=data)


def _bare(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "file"


def _form(request: Request) -> FormData:
    form: FormData = request.state.form
    return form
