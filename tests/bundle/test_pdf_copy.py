"""The PDF beside a bundle: printed by a browser of this machine, no part of the bundle, and never in its way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from collector.actions.pdf_copy import check_pdf, pdf_beside, write_pdf
from collector.bundle.site.pages import site
from collector.bundle.verifying.bundle import verify_bundle
from collector.core.errors import ConfigError, StoreError
from tests.bundle.chromium import browser
from tests.bundle.conftest import Office

if TYPE_CHECKING:
    from pathlib import Path

_FAKE = """#!/bin/sh
for word in "$@"; do case "$word" in
  --print-to-pdf=*) to="${word#--print-to-pdf=}";;
  file://*) page="${word#file://}";;
esac; done
%s
"""


def a_browser(folder: Path, does: str) -> str:
    """Return a program that takes the words of a browser, and does this with the page and the PDF."""
    program = folder / "chromium"
    program.write_text(_FAKE % does)
    program.chmod(0o755)
    return str(program)


def test_what_is_printed_is_the_report_of_the_bundle_with_no_way_out_of_it(office: Office, tmp_path: Path) -> None:
    """A link to a page that does not lie beside the PDF would lead into this machine's folders."""
    made = office.export(exporters=(site,))
    bundle = office.folder / "out.zip"

    printed = write_pdf(bundle, a_browser(tmp_path, 'cp "$page" "$to"'), made.digest)

    assert printed == pdf_beside(bundle) == office.folder / "out.pdf"
    text = printed.read_text()
    assert set(re.findall(r'href="(?!#)', text)) == set()
    assert text.count(made.digest) == 1
    assert printed.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in office.folder.glob("out*")) == ["out.pdf", "out.zip"]
    verify_bundle(bundle, key=office.key)

    with pytest.raises(StoreError) as failed:
        write_pdf(bundle, a_browser(tmp_path, "echo no display >&2; exit 3"), made.digest)
    assert failed.value.what.endswith("printed no PDF: it ended with 3: no display")
    verify_bundle(bundle, key=office.key)


def test_nothing_is_exported_where_nothing_can_print_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for is the bundle and its copy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError) as none:
        check_pdf(tmp_path / "a.zip", force=False)
    assert none.value.so == "nothing was exported, and nothing recorded"

    program = a_browser(tmp_path, "")
    assert check_pdf(tmp_path / "a.zip", force=False) == program
    (tmp_path / "a.pdf").touch()
    with pytest.raises(ConfigError):
        check_pdf(tmp_path / "a.zip", force=False)
    assert check_pdf(tmp_path / "a.zip", force=True) == program


@pytest.mark.browser
def test_a_chromium_prints_it(office: Office) -> None:
    """The flags are those of a real one."""
    made = office.export(exporters=(site,))

    printed = write_pdf(office.folder / "out.zip", browser(), made.digest)

    assert printed.read_bytes().startswith(b"%PDF-")
