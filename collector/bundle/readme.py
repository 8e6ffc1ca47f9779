"""READ-ME-FIRST.txt of a bundle, and the verifier and its manual that go into every bundle."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents

_TEXT = Template("""\
Evidence of $first to $last, both days included ($zone)
$line

What this is
$what
  Open data/index.html to read it; no program and no network is needed.

How to verify it
  1. Get the verifier key of this log by another way than this file: from a contract, a
     website, an earlier bundle. Compare its fingerprint with this one:
     $fingerprint
  2. python3 -I verify/verify.py . --key KEY
     verifies everything and names the first thing that is wrong. It needs Python 3.8 and
     OpenSSL 3.0, and nothing else. With annexd, use annexd verify. Both also check the
     receipt, which is added last: it shows that what you read is what was exported, and
     without it neither passes.
  3. verify/VERIFY.md explains each file, and how to verify the bundle by hand.
  4. Compare size and log hash with anybody else who was given a bundle of this log:
     size     $size log entries
     log hash $root

What it does not show
  What happened between observations, that a platform told the truth, or that a control is
  effective. Whoever holds the signing key could have written another history; only a copy
  of an earlier checkpoint in other hands, or a time stamp, shows that.

Exported $at by $by
For            $made_for
Classification $classification
Recipient      $recipient
Purpose        $purpose
""")


_PERIOD = """\
  The configuration of systems that annexd observed over this period, and the records that
  people filed."""

_SAMPLE = """\
  A sample bundle: the sample in log entry {leaf}, taken from a population of this period.
  Each item has its evidence and a proof of its own; nothing else is here. It shows neither
  the whole period nor that the population is complete."""


def write_readme(contents: BundleContents, bag: Bag) -> None:
    """Write READ-ME-FIRST.txt, and the verifier with its manual under verify/."""
    head, terms = contents.head, contents.terms
    text = _TEXT.substitute(
        first=terms.period.first,
        last=terms.period.last,
        zone=terms.period.zone,
        line="=" * 63,
        what=_PERIOD if terms.sample is None else _SAMPLE.format(leaf=terms.sample),
        fingerprint=head.fingerprint,
        size=head.size,
        root=head.root,
        at=terms.at.isoformat(),
        by=_plain(terms.by),
        made_for=_plain(terms.made_for) or "not stated",
        classification=_plain(terms.classification) or "not stated",
        recipient=_plain(terms.recipient) or "not stated",
        purpose=_plain(terms.purpose) or "not stated",
    )
    bag.add("READ-ME-FIRST.txt", text.encode())
    for name in ("verify.py", "VERIFY.md"):
        bag.add(f"verify/{name}", shipped(name))


def shipped(name: str) -> bytes:
    """Return a file that goes into every bundle as it is."""
    return files("collector.bundle").joinpath("shipped", name).read_bytes()


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
