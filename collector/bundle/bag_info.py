"""What a bag says of itself: the fields of bag-info.txt, and the name of its folder."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from collector import __version__

if TYPE_CHECKING:
    from collector.bundle.contents import BundleContents, Terms

_OTHER = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40


def bag_info(contents: BundleContents) -> dict[str, str]:
    """Return the fields, in their order; the bag adds what it counts itself."""
    head, terms = contents.head, contents.terms
    return {
        "Source-Organization": _organization(contents),
        "External-Description": _described(terms),
        "External-Identifier": f"{head.origin} leaves {head.first} to {head.end - 1} of {head.size}, root {head.root}",
        "Bagging-Date": terms.at.date().isoformat(),
        "Bag-Software-Agent": f"annexd {__version__}",
        "Annexd-Bundle": "1",
    }


def folder_name(contents: BundleContents) -> str:
    """Return the name of the top folder."""
    head, period = contents.head, contents.terms.period
    name = _OTHER.sub("-", _organization(contents)).strip("-")[:_LONGEST].strip("-") or "annexd"
    origin = sha256(head.origin.encode()).hexdigest()[:8]
    return f"{name}_{period.first}_{period.last}_{origin}_{head.size}"


def _described(terms: Terms) -> str:
    what = "Evidence" if terms.sample is None else f"Sample in log entry {terms.sample}"
    return f"{what} of {terms.period.first} to {terms.period.last}, {terms.period.zone}"


def _organization(contents: BundleContents) -> str:
    scope = contents.assessment.company.scope
    return "" if scope is None else scope.organization or ""
