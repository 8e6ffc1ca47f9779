"""The reading parts of a bundle, in the order in which they are written: each is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents


class Exporter(Protocol):
    """Writes files below data/ of a bag, from its contents alone, so that no two parts can disagree."""

    def __call__(self, contents: BundleContents, bag: Bag) -> None:
        """Write the files."""


def exporters(*, sample: bool = False) -> Sequence[Exporter]:
    """Return every exporter, or those of a sample; the imports are late, as some of them are heavy."""
    from collector.bundle.exporters.ocsf import write_ocsf
    from collector.bundle.exporters.oscal import write_oscal
    from collector.bundle.sample_files.population_files import population_files
    from collector.bundle.site.pages import sample_pages, site
    from collector.bundle.tables.files import write_sample_tables, write_tables

    if sample:
        return (sample_pages, write_sample_tables, population_files)
    # OSCAL points at the tables, with their digests: they come first.
    return (site, write_tables, population_files, write_oscal, write_ocsf)
