"""What people read in a bundle, rendered again from what it proves, and compared with what it has."""

from __future__ import annotations

import io
import tempfile
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from collector.bundle.bag import BAG_INFO, MANIFEST, OXUM, SIGNATURE, TAG_MANIFEST, Bag, Entry, info_text
from collector.bundle.bag_info import bag_info
from collector.bundle.exporters.exporters import exporters
from collector.bundle.proofs.proof import write_keys, write_range, write_tree
from collector.bundle.proofs.renderer import RENDERER, renderer_of
from collector.bundle.proofs.stated_config import CONFIGURATION, app_of_configuration, as_stated, why_not_whole
from collector.bundle.readme import write_readme
from collector.bundle.reevaluation.entries import range_of
from collector.bundle.rendering.differences import Difference, first_difference, is_same
from collector.bundle.rendering.numbers import COMPARED, differing_rows, differing_sheets
from collector.bundle.rendering.proven_contents import proven_contents, proven_keys, terms_in
from collector.bundle.rendering.proven_paths import proven_paths
from collector.bundle.shown_names import ShownNames
from collector.bundle.tables.files import CSV, WORKBOOK
from collector.bundle.tables.tables import tables
from collector.bundle.verifying.log import read_tree
from collector.bundle.verifying.members import opened
from collector.core.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from collector.bundle.bag import WrittenFiles
    from collector.bundle.contents import BundleContents
    from collector.bundle.verifying.members import Members
    from collector.setup.app import App

_LISTS = {"bagit.txt", BAG_INFO, MANIFEST, TAG_MANIFEST, SIGNATURE}
_MOST_LISTED = 1000


class RenderedBundle(Struct, frozen=True, kw_only=True):
    """The result of rendering a bundle again.

    `compared` is bytes where the same renderer made it, else numbers: the states, verdicts and counts in tables and
    workbook, and no pages. It is nothing where the bundle cannot be rendered here, and `why` says so. `files` were
    compared, `differing` of them or of their rows differ; `differences` has the first of these.
    """

    compared: Literal["bytes", "numbers", "nothing"]
    why: str
    made_by: str
    rendered_by: str
    files: int
    differing: int
    differences: list[Difference]

    def prove(self) -> None:
        """Raise VerificationError where something differs, and ConfigError where nothing could be compared."""
        if self.compared == "nothing":
            raise ConfigError(
                f"the bundle is not rendered again: {self.why}",
                so="whether its pages and tables follow from its evidence is not known; everything else is proven",
                mend="have it exported in whole by this version, or install what it was rendered with",
            )
        if self.differing:
            first = self.differences[0]
            raise VerificationError(
                f"{first.path}, {first.where}: the bundle says {first.bundle!r}, and its evidence gives"
                f" {first.rendered!r}",
                so=f"{self.differing} of what people read does not follow from what the bundle proves",
                mend="ask whoever made the bundle"
                + ("" if self.compared == "bytes" else f"; to compare every byte, install {self.made_by}"),
            )


def render_bundle(bundle: Path, app: App | None = None) -> RenderedBundle:
    """Render a bundle again that was verified before. Raises VerificationError if it cannot be read.

    `app` is annexd as the bundle states its configuration, where that is at hand.
    """
    with opened(bundle) as members:
        try:
            return _compared(members, app)
        except msgspec.DecodeError as error:
            raise VerificationError(f"something in the bundle does not read as it was written: {error}") from error


def _compared(members: Members, app: App | None) -> RenderedBundle:
    terms, about = terms_in(members)
    made_by = about.get(RENDERER, f"annexd {about.get('version', 'of a version that is not stated')}")
    if CONFIGURATION not in members.paths():
        why = why_not_whole(terms) or "it does not state the configuration that it was rendered with"
        return _nothing(why, made_by)
    try:
        if app is None:
            with members.open(CONFIGURATION) as file:
                app = app_of_configuration(file.read())
        else:
            app = as_stated(app)
        here = renderer_of(app)
        with rendered_again(members, app) as (contents, made):
            return compare(members, made, contents, made_by, here)
    except ConfigError as error:
        return _nothing(error.what, made_by)


def _nothing(why: str, made_by: str) -> RenderedBundle:
    return RenderedBundle(
        compared="nothing", why=why, made_by=made_by, rendered_by="", files=0, differing=0, differences=[]
    )


@contextmanager
def rendered_again(members: Members, app: App) -> Iterator[tuple[BundleContents, WrittenFiles]]:
    """Yield the contents that a bundle proves, and the files that are rendered from them."""
    proven = proven_paths(members)
    there = {path: Entry(digest, members.size(path)) for path, digest in _listed(members) if path in proven}
    with proven_contents(members, app) as contents, tempfile.TemporaryFile(prefix="annexd-render-") as out:
        bag = Bag(out, members.folder, there)
        for exporter in exporters(sample=contents.terms.sample is not None):
            exporter(contents, bag)
        write_keys(proven_keys(contents.store), bag)
        write_range(bag, **msgspec.to_builtins(range_of(members)))
        write_tree(read_tree(members), bag)
        write_readme(contents, bag)
        bag.add(BAG_INFO, info_text(bag_info(contents)))
        yield contents, bag.written()


def _listed(members: Members) -> Iterator[tuple[str, str]]:
    """Yield the path and the digest of every file that the lists of a bundle have."""
    for name in (MANIFEST, TAG_MANIFEST):
        for line in members.text(name).splitlines():
            digest, _, path = line.partition("  ")
            yield path, digest


def compare(
    members: Members, made: WrittenFiles, contents: BundleContents, made_by: str, rendered_by: str
) -> RenderedBundle:
    """Compare what a bundle has with what was rendered from what it proves."""
    is_exact = made_by == rendered_by
    paths = sorted({*members.paths(), *made.paths()} - proven_paths(members) - (_LISTS - {BAG_INFO}))
    files, found = _by_bytes(members, made, paths) if is_exact else _by_numbers(members, made, contents)
    first = list(islice(found, _MOST_LISTED))
    return RenderedBundle(
        compared="bytes" if is_exact else "numbers",
        why="" if is_exact else f"pages not compared: made by {made_by}",
        made_by=made_by,
        rendered_by=rendered_by,
        files=files,
        differing=len(first) + sum(1 for _ in found),
        differences=first,
    )


def _by_bytes(members: Members, made: WrittenFiles, paths: Sequence[str]) -> tuple[int, Iterator[Difference]]:
    return len(paths), (found for path in paths for found in _differing_bytes(members, made, path))


def _differing_bytes(members: Members, made: WrittenFiles, path: str) -> Iterator[Difference]:
    here, there = path in members.paths(), path in made.paths()
    if not here or not there:
        words = ("a file", "no such file") if here else ("no such file", "a file")
        yield Difference(path=path, where="the whole file", bundle=words[0], rendered=words[1])
        return
    ours, theirs = _opener(members, path), partial(made.open, path)
    if not is_same(ours, theirs):
        yield first_difference(path, ours, theirs)


def _opener(members: Members, path: str) -> Callable[[], IO[bytes]]:
    if path != BAG_INFO:
        return partial(members.open, path)
    lines = members.text(path).splitlines(keepends=True)
    counted = f"{OXUM}: "  # what is counted is proven with the lists
    return lambda: io.BytesIO("".join(line for line in lines if not line.startswith(counted)).encode())


def _by_numbers(members: Members, made: WrittenFiles, contents: BundleContents) -> tuple[int, Iterator[Difference]]:
    known = tables(contents, ShownNames(contents))
    read = [table for table in known if table.name in COMPARED]

    def found() -> Iterator[Difference]:
        for table in read:
            path = f"{CSV}/{table.name}.csv"
            yield from differing_rows(path, table, partial(members.open, path), partial(made.open, path))
        yield from differing_sheets(WORKBOOK, known, partial(members.open, WORKBOOK), partial(made.open, WORKBOOK))

    return len(read) + 1, found()
