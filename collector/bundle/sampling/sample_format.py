"""The files that only a sample bundle has: the list of its items, and a proof for each of them."""

from __future__ import annotations

from msgspec import Struct

SAMPLES = "proof/samples.jsonl"
"""The items, in the order of the sample."""

PROOFS = "proof/samples/"
"""One proof for each item, by its number, and `draw.tlog-proof` for the log entry of the sample."""

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
    """Return the path of the proof of an item, or of the sample."""
    return f"{PROOFS}{name}.tlog-proof"
