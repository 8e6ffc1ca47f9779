"""Files of the sampled populations and their samples, from which an auditor can repeat each sample."""

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


def population_files(contents: BundleContents, bag: Bag) -> None:
    """Write the lines of each population, over which its digest is computed, and its samples."""
    if any(draw.how == "size" for population in contents.once(populations) for draw in population.draws):
        bag.add("verify/draw.py", (files("collector.bundle") / "shipped" / "draw.py").read_bytes())
    for population in contents.once(populations):
        if population.items and not population.withheld and not contents.terms.pseudonymised:
            with bag.file(f"data/populations/{population.name}.jsonl") as out:
                for item in population.items:
                    out.write(item.line + b"\n")
        document = {
            "kind": population.kind,
            "first": population.period.first,
            "last": population.period.last,
            "zone": population.period.zone,
            "digest": population.digest,
            "count": population.count,
            "complete": not population.gaps,
            "gaps": population.gaps,
            "not_here": population.why or ("withheld or pseudonymised" if _is_hidden(contents, population) else ""),
            "draws": [_draw(contents, draw) for draw in population.draws],
        }
        bag.add(f"data/populations/{population.name}.draws.json", json_text(document).encode("ascii") + b"\n")


def _is_hidden(contents: BundleContents, population: DrawnFrom) -> bool:
    return bool(population.withheld) or contents.terms.pseudonymised


def _draw(contents: BundleContents, draw: DrawLeaf) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(draw, builtin_types=())
    document["items"] = [
        {
            "source": item.source,
            "scope": item.scope,
            "key": "withheld"
            if contents.is_withheld(item.source, draw.kind, item.scope, item.key)
            else contents.shown(item.key),
            "digest": item.digest,
        }
        for item in draw.items
    ]
    hides = any(contents.is_withheld(item.source, draw.kind, item.scope, item.key) for item in draw.items)
    document["asked"] = ["withheld" if hides else contents.shown(key) for key in draw.asked]
    return document
