"""Pages of single findings and of their evidence in a bundle, from the templates of the served pages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from collector.bundle.bag import Bag
from collector.bundle.contents import BundleContents
from collector.bundle.exporters.exporters import exporters
from collector.bundle.proofs.stated_config import app_of_configuration, as_stated, configuration_file
from collector.bundle.rendering.rendered_bundle import render_bundle
from collector.bundle.site import single_pages
from collector.bundle.site.pages import site
from collector.bundle.site.single_pages import STYLE
from collector.engine.clock import SystemClock
from collector.setup.app import app_of
from collector.setup.config import load
from tests.attacks.resigning import files_of
from tests.bundle.conftest import Office
from tests.bundle.contents import bundle_contents
from tests.bundle.test_site import printed
from tests.cli.conftest import Desk
from tests.played.platform import a_member


def _single(pages: dict[str, str], folder: str) -> dict[str, str]:
    return {path: text for path, text in pages.items() if path.startswith(f"{folder}/")}


def test_an_open_finding_leads_to_what_the_check_read_and_to_the_body(scanned: Desk) -> None:
    """In two clicks: its check, the finding with the fields that were read, and the body in which they are marked."""
    pages = printed(bundle_contents(scanned))
    list_of_check = pages["checks/played_repo_protected.html"]

    (link, *_) = re.findall(r'href="\.\./(finding/\w+\.html)"', list_of_check)
    finding = pages[link]
    (body, *_) = re.findall(r'href="\.\./(resource/\w+\.html)"', finding)
    evidence = pages[body]
    raw = re.findall(r'href="\.\./(evidence/[^"]+)"', evidence)

    assert "Judged again now from what is stored: <b>Fail</b>, as recorded." in finding
    assert '<li class="j" id="j1">' in evidence
    assert "Provenance (IPE)" in evidence
    assert raw == []  # the evidence itself is written by the export, not by the site
    open_ = [found for found, _ in bundle_contents(scanned).findings() if found.status in {"fail", "unknown"}]
    assert len(_single(pages, "finding")) == len(open_)


def test_pages_are_bounded_and_failures_come_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page each for a hundred thousand findings would make the bundle larger than the evidence."""
    desk.platform.orgs["acme"]["members"] = [a_member(login=f"m{number}", mfa=False) for number in range(3)]
    desk.world.run()
    everything = _single(printed(bundle_contents(desk)), "finding")
    monkeypatch.setattr(single_pages, "MOST", 2)

    pages = printed(bundle_contents(desk))

    assert len(everything) > 2
    assert [re.findall(r"st-(fail|unknown)", page)[0] for page in _single(pages, "finding").values()] == ["fail"] * 2
    linked = {link for text in pages.values() for link in re.findall(r'href="(?:\.\./)?(finding/\w+\.html)"', text)}
    assert linked == _single(pages, "finding").keys()


@pytest.mark.parametrize(
    "terms", [{"pseudonymised": True}, {"withheld": ("nothing-of-that-name",)}, {"controls": ("*",)}]
)
def test_a_bundle_that_leaves_something_out_has_none(scanned: Desk, terms: dict[str, object]) -> None:
    """A body shows whatever is in it, and the history of a finding what was before the period."""
    pages = printed(bundle_contents(scanned, **terms))

    assert _single(pages, "finding") == _single(pages, "resource") == {}
    assert "finding/" not in pages["checks/played_repo_protected.html"]


def test_a_false_trace_is_found_by_rendering_again(office: Office) -> None:
    """Lists, signature and receipt are of the false page; the evidence is not."""

    def false_site(contents: BundleContents, bag: Bag) -> None:
        class Changed:
            entries = bag.entries

            def add(self, path: str, data: bytes) -> None:
                if path.startswith("data/finding/"):
                    data = data.replace(b"as recorded", b"as it was recorded")
                if path.startswith("data/resource/"):
                    data = data.replace(b'id="j1"', b'id="j9"')
                bag.add(path, data)

        site(contents, Changed())  # type: ignore[arg-type]  # it takes in pages

    made = [false_site if exporter is site else exporter for exporter in exporters()]
    assert false_site in made
    office.export(exporters=made)

    found = render_bundle(office.folder / "out.zip", office.desk.app)

    pages = {path for path in files_of(office.folder / "out.zip") if path.startswith(("data/finding/", "data/resour"))}
    assert len(pages) > 1
    assert {one.path for one in found.differences} == pages


def test_the_style_sheet_is_beside_the_pages(office: Office) -> None:
    """It is a file of the bundle like any other: listed, signed, and compared."""
    office.export(exporters=exporters())

    assert b"every page" in files_of(office.folder / "out.zip")[f"data/{STYLE}"]


def test_pages_are_rendered_with_the_configuration_as_the_bundle_states_it(tmp_path: Path) -> None:
    """It has no order of tables: sources in another order once made a true bundle look false."""
    config = tmp_path / "config.toml"
    sources = "".join(f'[sources.{name}]\nconnector = "aws"\n' for name in ("zoo", "acme"))
    config.write_text(sources + '[alerts.due]\nhigh = "30d"\n')
    app = app_of(load(config, {}), SystemClock())
    stated = as_stated(app)

    assert [*app.config.sources] == ["zoo", "acme"]
    assert [*stated.config.sources] == ["acme", "zoo"]
    again = app_of_configuration(configuration_file(app))
    assert msgspec.to_builtins(stated.config.alerts) == msgspec.to_builtins(again.config.alerts)
    assert replace(stated, clock=again.clock).config.sources == again.config.sources
