"""Samples in the log: each is a log entry, so that repeated sampling leaves a trace."""

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
    """One item of a sample."""

    source: str
    scope: tuple[str, ...]
    key: str
    digest: str | None


class DrawLeaf(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sample with its log entry. `count` and `digest` are those of the population.

    `audit` is that of the auditor who took it on a page; empty where whoever runs annexd took it.
    """

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
    audit: str = ""


def about_draw(found: Population, draw: Draw, audit: str = "") -> dict[str, str]:
    """Return the `about` of a sample's log entry: all that is needed to repeat it, its items, and for which audit."""
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
        **({"audit": audit} if audit else {}),
    }


def draws(store: SqlStore, *, as_of: datetime | None = None) -> Iterator[DrawLeaf]:
    """Yield every sample up to a moment, in the order of the log."""
    for entry in store.log(as_of=as_of, kinds=("operator_act",)):
        if entry.fact.get("act") == DRAW:
            about = entry.fact["about"]
            gaps = tuple(json.loads(about["gaps"]))
            yield DrawLeaf(
                leaf=entry.leaf,
                logged_at=entry.logged_at,
                by=entry.fact["by"],
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
                audit=about.get("audit", ""),
            )
