"""Secrets of every kind whose shape is public are answered and said by a platform; none reaches a disk or a screen.

What is looked at: the files of the store with the log entries, bodies and payloads unpacked, the log output, the bundle
with what it packs, what commands print, and temporary files.
"""

from __future__ import annotations

import io
import logging
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.setup.logs import log_on
from tests.bundle.conftest import Office
from tests.cli.conftest import Desk, desk, new_store
from tests.core.planted import Planted, everything
from tests.played.platform import HOOKS, a_member, a_repo, status
from tests.sweep.test_aws_canaries import unpacked

__all__ = ["desk", "new_store"]

FEWEST_KINDS = 300


def texts_of(value: object) -> str:
    """What a body says, as an error text."""
    match value:
        case dict():
            return ", ".join(f"{name}: {texts_of(inner)}" for name, inner in value.items())
        case list():
            return " ".join(map(texts_of, value))
        case _:
            return str(value)


def said(kind: Planted) -> bool:
    """Whether a kind is one that a text may hold: places, pairs and plain words by a name are of bodies."""
    return kind.kind.startswith(("token:", "url:", "header:", "script:", "encoding:"))


def packed(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in a bundle: its files, and the files in those that are packed themselves."""
    with zipfile.ZipFile(path) as archive:
        yield from inside(archive, path.name)


def inside(archive: zipfile.ZipFile, where: str) -> Iterator[tuple[str, bytes]]:
    for name in archive.namelist():
        data = archive.read(name)
        yield f"{where}/{name}", data
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as inner:
                yield from inside(inner, f"{where}/{name}")


def planted_in(desk: Desk, kinds: list[Planted]) -> None:
    """Let the platform answer a member with each kind, and an error for a repository with each that a text may hold."""
    acme = desk.platform.orgs["acme"]
    desk.platform.page_size = 100
    acme["members"] = [a_member("ann"), *(a_member(f"m{at}") | {"planted": kind.body} for at, kind in enumerate(kinds))]
    spoken = [kind for kind in kinds if said(kind)]
    acme["projects"]["web"] = [a_repo(f"r{at}") for at in range(len(spoken))]

    def refuse(request: httpx.Request) -> httpx.Response | None:
        name = request.url.path.split("/")[-2]
        return status(422, error=texts_of(spoken[int(name[1:])].body)) if name[1:].isdigit() else None

    desk.platform.play(HOOKS, refuse)


def everywhere(folder: Path, output: str) -> list[tuple[str, bytes]]:
    """Return all that was written and said, by where."""
    places = [("output", output.encode("utf-8", "replace"))]
    for path in (one for one in sorted(folder.rglob("*")) if one.is_file()):
        places.append((path.name, path.read_bytes()))
        if path.suffix == ".db":
            places += unpacked(path)
        if path.suffix == ".zip":
            places += packed(path)
    return places


@pytest.fixture
def spoken(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """A scan and a bundle of a platform full of secrets, and everything that was written of it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    planted_in(desk, everything())
    stream = io.StringIO()
    log_on(stream, "debug")
    desk.world.run()
    for kind in everything():
        if said(kind):
            logging.getLogger("collector.tests").error("%s", texts_of(kind.body))
    Office(desk, tmp_path).export()
    return everywhere(tmp_path, stream.getvalue())


def test_no_planted_secret_reaches_the_disk(spoken: list[tuple[str, bytes]]) -> None:
    """What was never written cannot leak, neither from a backup nor from a bundle."""
    kinds = everything()
    found = {
        kind.kind: place
        for kind in kinds
        for place, data in spoken
        if any(text.encode() in data for text in (kind.canary, *kind.also))
    }
    sys.stdout.write(f"{len(kinds)} kinds planted, {len(found)} reached the disk\n")

    assert len(kinds) >= FEWEST_KINDS
    assert found == {}


def test_what_was_taken_is_marked(spoken: list[tuple[str, bytes]]) -> None:
    """The search finds what is there: each member was stored, and each error was recorded."""
    kept = b"".join(data for _, data in spoken)
    spoken_kinds = sum(map(said, everything()))

    assert kept.count(b'"planted":') >= len(everything())
    assert kept.count(b"[redacted ") > len(everything()) + spoken_kinds
    assert b"the platform answered 422" in kept
