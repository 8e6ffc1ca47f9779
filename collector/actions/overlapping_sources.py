"""Sources that read the same account, organization or the like, so that each finding of it is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.scopes import Scope
    from collector.engine.sources import Source


class Overlap(Struct, frozen=True):
    """An account, organization or the like, by the platform's own name, and the sources that read it."""

    connector: str
    name: str
    sources: tuple[str, ...]

    @property
    def text(self) -> str:
        """The overlap as a sentence for people, with what to do."""
        return (
            f"the sources {' and '.join(self.sources)} read the same {self.connector} account, {self.name}: every"
            " finding of it counts once for each of them; take it out of all but one"
        )


def overlaps(sources: Iterable[Source], known: Mapping[str, Iterable[Scope]] | None = None) -> list[Overlap]:
    """Return what several sources of one connector read, by their settings and by what earlier runs have planned.

    `known` are scopes of earlier runs by the name of the source: credentials alone do not tell which account they open.
    """
    readers: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        scopes = (*source.roots(), *(known or {}).get(source.name, ()))
        for outermost in dict.fromkeys(scope[0] for scope in scopes if scope):
            readers.setdefault((source.connector.name, outermost), []).append(source.name)
    return [Overlap(connector, name, tuple(names)) for (connector, name), names in readers.items() if len(names) > 1]
