"""The kinds of files that a record may have, each told by its content: a name alone proves nothing."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from collector.actions.filing import FieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.actions.audit_requests import GivenFile

_LARGEST_MEMBER = 1 << 20
"""Bytes that are read of the member of an archive that says what the archive is."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def require_kind(given: GivenFile) -> None:
    """Raise FieldError unless the ending of the name is of a kind that is taken, and the content is of that kind."""
    ending = given.name.rpartition(".")[2].casefold() if "." in given.name else ""
    is_so = _KINDS.get(ending)
    if is_so is None:
        raise FieldError("file", f"a file of this kind is not taken; those that are end in {', '.join(_KINDS)}")
    if not is_so(given.data):
        raise FieldError("file", f"its name ends in .{ending}, and its content is of another kind or cannot be read")


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(beginnings)


def _is_text(data: bytes) -> bool:
    try:
        return _CONTROLS.search(data.decode("utf-8-sig")) is None
    except UnicodeDecodeError:
        return False


def _office(main: str) -> Callable[[bytes], bool]:
    """Tell an Office Open XML document by the content type of its main part; one with macros has another."""
    declared = f'"{_OFFICE}{main}.main+xml"'.encode()
    return lambda data: declared in _member(data, "[Content_Types].xml")


def _open_document(kind: str) -> Callable[[bytes], bool]:
    return lambda data: _member(data, "mimetype") == f"{_OPEN_DOCUMENT}{kind}".encode()


def _member(data: bytes, name: str) -> bytes:
    """Return the beginning of a member of an archive; empty where there is no archive, or it cannot be read."""
    try:
        with ZipFile(BytesIO(data)) as archive, archive.open(name) as member:
            return member.read(_LARGEST_MEMBER)
    # No archive, no such member, encrypted, packed in another way, or broken.
    except (BadZipFile, KeyError, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError, ValueError):
        return b""


_KINDS: Mapping[str, Callable[[bytes], bool]] = {
    "pdf": _begins(b"%PDF-"),
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "jpeg": _begins(b"\xff\xd8\xff"),
    "docx": _office("wordprocessingml.document"),
    "xlsx": _office("spreadsheetml.sheet"),
    "pptx": _office("presentationml.presentation"),
    "odt": _open_document("text"),
    "ods": _open_document("spreadsheet"),
    "odp": _open_document("presentation"),
    "txt": _is_text,
    "md": _is_text,
    "csv": _is_text,
    "json": _is_text,
    "toml": _is_text,
    "eml": _is_text,
}
