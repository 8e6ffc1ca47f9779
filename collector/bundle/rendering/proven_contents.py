"""What a bundle says, read from what it proves: the contents that its pages, tables and documents are rendered from."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from collector.bundle.contents import BundleContents, BundleHead, Terms
from collector.bundle.proofs.hidden_entries import REQUESTS, read_numbers
from collector.bundle.reevaluation.entries import leaves_until, range_of
from collector.bundle.rendering.proven_store import LEAVES, proven_store
from collector.bundle.verifying.contents import ABSENT
from collector.bundle.verifying.heads import CHECKPOINT, PREVIOUS
from collector.core.errors import VerificationError
from collector.core.facts import Anchored, OperatorAct
from collector.core.periods import period_of
from storage.log.notes import open_note, parse_checkpoint
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.bundle.verifying.members import Members
    from collector.setup.app import App
    from storage import SqlStore
    from storage.log.notes import Checkpoint, VerifierKey

_ANCHORS = "proof/anchors/"
_CHECKPOINTS = "proof/checkpoints/"
_ALL = 1 << 62


class _Days(Struct):
    first: date
    last: date
    zone: str


@contextmanager
def proven_contents(members: Members, app: App) -> Iterator[BundleContents]:
    """Yield the contents; `app` is annexd as the bundle states its configuration.

    The bundle has to be verified before, except for its signature and receipt; nothing is proven here.
    """
    terms, about = terms_in(members)
    with proven_store(members) as store:
        yield BundleContents(app, store, terms, _head(members, store, about))


def proven_keys(store: SqlStore) -> list[VerifierKey]:
    """Return the keys of the log, the newest last."""
    with store.reading() as connection:
        return [origin.key for origin in LogParts(connection).origins()]


def terms_in(members: Members) -> tuple[Terms, Mapping[str, str]]:
    """Return the terms of a bundle, and all that the log entry of its export is about."""
    leaf = range_of(members).export_leaf
    for entry in leaves_until(members, leaf):
        if entry is not None and entry.index == leaf:
            act = entry.fact(OperatorAct)
            return _terms(act), act.about
    raise VerificationError(f"leaf {leaf}, which says what was exported, is not shown")


def _terms(act: OperatorAct) -> Terms:
    about = act.about
    days = msgspec.convert({name: about[name] for name in ("first", "last", "zone")}, type=_Days)
    return Terms(
        period=period_of(days.first, days.last, ZoneInfo(days.zone)),
        frameworks=_list(about, "frameworks"),
        controls=_list(about, "controls"),
        made_for=about["for"],
        classification=about["classification"],
        recipient=about["recipient"],
        purpose=about["purpose"],
        withheld=_list(about, "withheld"),
        pseudonymised=about["pseudonymised"] == "yes",
        audits=_list(about, "audits"),
        sample=int(about["sample"]) if about["sample"] else None,
        at=act.at,
        by=act.by,
    )


def _list(about: Mapping[str, str], name: str) -> tuple[str, ...]:
    return msgspec.json.decode(about.get(name, "[]"), type=tuple[str, ...])


def _head(members: Members, store: SqlStore, about: Mapping[str, str]) -> BundleHead:
    place = range_of(members)
    keys = proven_keys(store)
    with store.reading() as connection:
        parts = LogParts(connection)
        facts = [record.fact(Anchored) for record in parts.newest("anchored", _ALL)]
    head = _checkpoint(members.text(CHECKPOINT), keys)
    previous = _checkpoint(members.text(PREVIOUS), keys) if PREVIOUS in members.paths() else None
    stamp = _newest_stamp(members, keys)
    at, size = (None, None) if stamp is None else stamp
    return BundleHead(
        origin=head.origin,
        size=head.size,
        root=f"sha256:{head.root.hex()}",
        key=str(keys[-1]),
        fingerprint=keys[-1].fingerprint,
        export_leaf=place.export_leaf,
        first=place.first,
        end=place.end,
        withheld_leaves=sum(line.partition(b" ")[2].startswith(b"sha256:") for line in _lines(members, LEAVES)),
        erased_bodies=sum(b'"erased"' in line for line in _lines(members, ABSENT)),
        previous_size=None if previous is None else previous.size,
        previous_root=None if previous is None else f"sha256:{previous.root.hex()}",
        anchored_at=at,
        anchored_by=next((fact.where for fact in facts if fact.token is not None and fact.size == size), None),
        hidden_requests=tuple(read_numbers(about.get(REQUESTS, ""))),
    )


def _newest_stamp(members: Members, keys: Sequence[VerifierKey]) -> tuple[datetime, int] | None:
    """Return when the largest head that has a time stamp was stamped, and its size."""
    from storage.log.anchors import check_token

    sizes = [int(path[len(_ANCHORS) : -len(".tsr")]) for path in members.paths() if path.startswith(_ANCHORS)]
    if not sizes:
        return None
    notes = [CHECKPOINT, *(path for path in members.paths() if path.startswith(_CHECKPOINTS))]
    heads = {head.size: head for head in (_checkpoint(members.text(path), keys) for path in notes)}
    with members.open(f"{_ANCHORS}{max(sizes)}.tsr") as file:
        token = base64.b64encode(file.read()).decode()
    return check_token(token, heads[max(sizes)].text(), []).at, max(sizes)


def _checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    return parse_checkpoint(open_note(note, *keys))


def _lines(members: Members, start: str) -> Iterator[bytes]:
    for path in members.paths():
        if path.startswith(start):
            with members.open(path) as file:
                yield from file
