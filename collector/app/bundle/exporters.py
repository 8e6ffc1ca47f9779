"""The reading parts of a bundle, in the order in which they are written: each is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.app.bundle.bag import Bag
    from collector.app.bundle.dossier import Dossier


class Exporter(Protocol):
    """Writes files below data/ of a bag, from the dossier alone, so that no two parts can disagree."""

    def __call__(self, dossier: Dossier, bag: Bag) -> None:
        """Write the files."""


def exporters(*, sample: bool = False) -> Sequence[Exporter]:
    """Return every exporter, or those of a sample; the imports are late, as some of them are heavy."""
    from collector.app.bundle.ocsf import write_ocsf
    from collector.app.bundle.oscal import write_oscal
    from collector.app.bundle.population_files import population_files
    from collector.app.bundle.site.pages import sample_pages, site
    from collector.app.bundle.tables_files import write_sample_tables, write_tables

    if sample:
        return (sample_pages, write_sample_tables, population_files)
    # OSCAL points at the tables, with their digests: they come first.
    return (site, write_tables, population_files, write_oscal, write_ocsf)
