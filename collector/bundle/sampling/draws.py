"""Draws as the log has them: every one is a leaf, so that nobody draws until the sample suits."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.sampling.sampling import DRAW
from collector.core.canonical import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.sampling.population import Population
    from collector.bundle.sampling.sampling import Draw
    from storage import SqlStore


class DrawnItem(Struct, frozen=True, array_like=True):
    """One item of a draw."""

    source: str
    scope: tuple[str, ...]
    key: str
    digest: str | None


class DrawLeaf(Struct, frozen=True, kw_only=True):
    """One draw with its place in the log. `count` and `digest` are of the population that it was drawn from."""

    leaf: int
    logged_at: datetime
    by: str
    kind: str
    first: date
    last: date
    zone: str
    digest: str
    count: int
    is_complete: bool
    gaps: tuple[str, ...]
    how: str
    size: int
    strata: str
    nonce: str
    root: str
    seed: str
    asked: tuple[str, ...]
    items: tuple[DrawnItem, ...]


def about_draw(found: Population, draw: Draw) -> dict[str, str]:
    """Return what the leaf of a draw says: all that it takes to repeat it, and what came of it."""
    items = [[item.source, list(item.scope), item.key, item.digest] for item in draw.drawn]
    return {
        "kind": found.kind,
        "first": found.period.first.isoformat(),
        "last": found.period.last.isoformat(),
        "zone": found.period.zone,
        "digest": found.digest,
        "count": str(len(found.items)),
        "gaps": encode(list(found.gaps)).decode(),
        "how": draw.how,
        "size": str(draw.size),
        "strata": draw.by,
        "nonce": draw.nonce,
        "root": draw.root,
        "seed": draw.seed,
        "asked": encode(list(draw.asked)).decode(),
        "items": encode(items).decode(),
    }


def draws(store: SqlStore, *, as_of: datetime | None = None) -> Iterator[DrawLeaf]:
    """Yield every draw up to a moment, in the order of the log."""
    for told in store.log(as_of=as_of, kinds=("operator_act",)):
        if told.fact.get("act") == DRAW:
            about = told.fact["about"]
            gaps = tuple(json.loads(about["gaps"]))
            yield DrawLeaf(
                leaf=told.leaf,
                logged_at=told.logged_at,
                by=told.fact["by"],
                kind=about["kind"],
                first=date.fromisoformat(about["first"]),
                last=date.fromisoformat(about["last"]),
                zone=about["zone"],
                digest=about["digest"],
                count=int(about["count"]),
                is_complete=not gaps,
                gaps=gaps,
                how=about["how"],
                size=int(about["size"]),
                strata=about["strata"],
                nonce=about["nonce"],
                root=about["root"],
                seed=about["seed"],
                asked=tuple(json.loads(about["asked"])),
                items=tuple(
                    DrawnItem(source, tuple(scope), key, digest)
                    for source, scope, key, digest in json.loads(about["items"])
                ),
            )
