"""What a sample bundle has that no other has: a list of the items drawn, and a proof for the leaf of each."""

from __future__ import annotations

from msgspec import Struct

SAMPLES = "proof/samples.jsonl"
"""The items, in the order in which they were drawn."""

PROOFS = "proof/samples/"
"""One proof an item, by its number, and `draw.tlog-proof` for the leaf of the draw."""

NOT_DRAWN = "not drawn"
"""Why a body that a list names is not in a sample."""


class Drawn(Struct, frozen=True, kw_only=True):
    """One line of the list. `leaf` is that of the task which stated the item; None: no leaf did that we know of."""

    number: int
    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: str | None
    leaf: int | None


def proof_of(name: object) -> str:
    """Return where the proof of an item lies, or that of the draw."""
    return f"{PROOFS}{name}.tlog-proof"
