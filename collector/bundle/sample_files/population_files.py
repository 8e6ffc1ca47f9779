"""The populations of a bundle and the draws from them: the auditor can repeat each draw from the files alone."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from collector.bundle.drawn_populations import DrawnFrom, populations
from collector.bundle.sampling.draws import DrawLeaf
from collector.report.json_text import json_text

if TYPE_CHECKING:
    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents


def population_files(dossier: BundleContents, bag: Bag) -> None:
    """Write each population as the lines that its digest is of, and its draws."""
    if any(draw.how == "size" for one in dossier.once(populations) for draw in one.draws):
        bag.add("verify/draw.py", (files("collector.bundle") / "shipped" / "draw.py").read_bytes())
    for one in dossier.once(populations):
        if one.items and not one.withheld and not dossier.terms.pseudonymised:
            with bag.file(f"data/populations/{one.name}.jsonl") as out:
                for item in one.items:
                    out.write(item.line + b"\n")
        told = {
            "kind": one.kind,
            "first": one.period.first,
            "last": one.period.last,
            "zone": one.period.zone,
            "digest": one.digest,
            "count": one.count,
            "complete": not one.gaps,
            "gaps": one.gaps,
            "not_here": one.why or ("withheld or pseudonymised" if _is_hidden(dossier, one) else ""),
            "draws": [_draw(dossier, draw) for draw in one.draws],
        }
        bag.add(f"data/populations/{one.name}.draws.json", json_text(told).encode("ascii") + b"\n")


def _is_hidden(dossier: BundleContents, one: DrawnFrom) -> bool:
    return bool(one.withheld) or dossier.terms.pseudonymised


def _draw(dossier: BundleContents, draw: DrawLeaf) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(draw, builtin_types=())
    told["items"] = [
        {
            "source": item.source,
            "scope": item.scope,
            "key": "withheld"
            if dossier.is_withheld(item.source, draw.kind, item.scope, item.key)
            else dossier.shown(item.key),
            "digest": item.digest,
        }
        for item in draw.items
    ]
    hides = any(dossier.is_withheld(item.source, draw.kind, item.scope, item.key) for item in draw.items)
    told["asked"] = ["withheld" if hides else dossier.shown(one) for one in draw.asked]
    return told
