"""Which files of a bundle its log entries and signed heads prove, by whole names: nothing can stand among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.proofs.finding_records import FINDINGS
from collector.bundle.proofs.receipt import FOLDER as RECEIPT
from collector.bundle.proofs.referenced_blobs import ATTACHMENTS, NO_NAME, attachment_path
from collector.bundle.proofs.stated_config import CONFIGURATION
from collector.bundle.reevaluation.entries import leaves_until
from collector.bundle.verifying.contents import ABSENT
from collector.bundle.verifying.heads import CHECKPOINT, PREVIOUS
from collector.core.attestations import Attested

if TYPE_CHECKING:
    from collector.bundle.verifying.members import Members

_FILES = {ABSENT, CHECKPOINT, CONFIGURATION, FINDINGS, PREVIOUS}
_FOLDERS = (
    "proof/anchors/",
    "proof/checkpoints/",
    "proof/leaves/",
    "data/evidence/",
    "data/facts/",
    "data/inventory/",
    "data/payloads/",
    RECEIPT,
)
"""Verification refuses a file in one of these that no log entry or head names."""

_ALL = 1 << 62


def proven_paths(members: Members) -> set[str]:
    """Return their paths. The bundle has to be verified before; its files are not read here, only named."""
    there = {path for path in members.paths() if path in _FILES or path.startswith(_FOLDERS)}
    return there | _attached(members)


def _attached(members: Members) -> set[str]:
    """Return the paths that filed files have: their digests are proven by verification, and their names are here."""
    names = {}
    for leaf in leaves_until(members, _ALL):
        if leaf is not None and leaf.kind == "attested":
            filed = leaf.fact(Attested).attestation
            if filed.digest is not None:
                names[filed.digest] = filed.file_name or NO_NAME
    named = {attachment_path(digest, name) for digest, name in names.items()}
    return {path for path in members.paths() if path.startswith(ATTACHMENTS) and path in named}
