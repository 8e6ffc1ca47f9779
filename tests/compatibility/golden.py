"""Where golden bytes are kept; `python -m tests.compatibility.golden` adds those that are not there yet, no others."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tests.compatibility import builders, encodings, leaves

LEAVES = Path(__file__).parent / "golden" / "leaves"
ENCODINGS = Path(__file__).parent / "golden" / "encodings"
GOLDEN = builders.GOLDEN | encodings.ACTS
EARLIER = frozenset({"genesis.tables", "migrated.tables"})
"""Leaves of a form that is not written any more, by name: they are read, and nothing that they say is lost."""


def payloads() -> dict[str, bytes]:
    """Return every payload that a golden leaf may refer to, by digest."""
    found = (file.read_bytes() for file in sorted(LEAVES.glob("*.payload")))
    return {f"sha256:{sha256(data).hexdigest()}": data for data in found}


def main() -> None:
    """Write the golden bytes that are missing."""
    for name, golden in GOLDEN.items():
        leaf, kept = leaves.encode(golden)
        _add(LEAVES / f"{name}.json", leaf)
        for data in kept:
            _add(LEAVES / f"{name}.payload", data)
    for name, make in encodings.ENCODINGS.items():
        _add(ENCODINGS / name, make())


def _add(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(data)


if __name__ == "__main__":
    main()
