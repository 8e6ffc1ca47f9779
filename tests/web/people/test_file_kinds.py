"""A file of a record is what its name says, by its content."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from collector.actions.audit_requests import GivenFile
from collector.actions.filing import FieldError
from collector.web.acts.file_kinds import require_kind

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def archive(name: str, content: str) -> bytes:
    """An archive of one member."""
    packed = BytesIO()
    with ZipFile(packed, "w") as made:
        made.writestr(name, content)
    return packed.getvalue()


def office(kind: str) -> bytes:
    """The least of an office document whose main part is of this type."""
    return archive("[Content_Types].xml", f'<Types><Override ContentType="{kind}"/></Types>')


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7"),
        ("A.PDF", b"%PDF-2.0"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.docx", office(_WORD)),
        ("a.odt", archive("mimetype", "application/vnd.oasis.opendocument.text")),
        ("a.csv", "\ufeffname,größe\r\n".encode()),
    ],
)
def test_a_file_that_is_what_it_says_is_taken(name: str, data: bytes) -> None:
    """Each family of kinds, told by its content."""
    require_kind(GivenFile(name=name, data=data))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", b"MZ"),
        ("pdf", b"%PDF-1.7"),
        ("a.pdf.html", b"%PDF-1.7"),
        ("a.pdf", b"<html>%PDF-1.7"),
        ("a.png", b"GIF89a"),
        ("a.docx", office(_MACROS)),
        ("a.docx", archive("other", _WORD)),
        ("a.docx", office(_WORD)[:-8]),
        ("a.xlsx", office(_WORD)),
        ("a.odt", archive("mimetype", "application/vnd.oasis.opendocument.text-template")),
        ("a.txt", b"a\x00b"),
        ("a.txt", b"\xff\xfea\x00"),
    ],
)
def test_any_other_file_is_refused(name: str, data: bytes) -> None:
    """A kind that is not listed, another kind under this name, macros, and what cannot be read."""
    with pytest.raises(FieldError) as refused:
        require_kind(GivenFile(name=name, data=data))

    assert refused.value.field == "file"
