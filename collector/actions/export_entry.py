"""The log entry that states what is exported, to whom and why, before it is; the bundle cites it.

Who asks for the same again gets the same leaf, and so the same bytes, as long as nothing has been recorded that would
make another bundle of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.bundle.contents import Terms
from collector.bundle.proofs.entry_range import EXPORT
from collector.bundle.proofs.hidden_entries import REQUESTS, show_numbers
from collector.bundle.proofs.receipt import RECEIPT
from collector.bundle.proofs.stated_config import stated
from collector.bundle.sampling.sampling import DRAW
from collector.core.audit_requests import RequestAct
from collector.core.canonical import encode
from collector.core.errors import StoreError
from collector.core.facts import OperatorAct
from collector.core.spans import show_time
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Collection

    from collector.bundle.proofs.proof import Previous
    from collector.core.periods import Period
    from collector.setup.app import App
    from storage import SqlStore

_OURS = ("operator_act", "anchored", "verified")
_OTHERWISE = ("erasure", "key", "restore")
_ALL = 1 << 62

REQUEST_ACT = "request_act"


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The options of an export."""

    period: Period
    frameworks: tuple[str, ...]
    controls: tuple[str, ...] = ()
    made_for: str = ""
    classification: str = ""
    recipient: str = ""
    purpose: str = ""
    withheld: tuple[str, ...] = ()
    pseudonymised: bool = False
    audits: tuple[str, ...] = ()
    sample: int | None = None


class ExportLeaf(msgspec.Struct, frozen=True):
    """The log entry of an export: its number, its act, and whether it was written now."""

    index: int
    act: OperatorAct
    is_new: bool


def about_of(
    app: App, asked: ExportRequest, previous: Previous | None, requests: Collection[int] = ()
) -> dict[str, str]:
    """Return the `about` of the log entry: the options, and the version, code and configuration of annexd.

    `requests` are the log entries about evidence requests of other audits, which the bundle does not show.
    """
    from collector import __version__

    period = asked.period
    return (
        {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "zone": period.zone,
            "start": show_time(period.start),
            "end": show_time(period.end),
            "frameworks": _list(asked.frameworks),
            "controls": _list(asked.controls),
            "for": asked.made_for,
            "classification": asked.classification,
            "recipient": asked.recipient,
            "purpose": asked.purpose,
            "withheld": _list(asked.withheld),
            "pseudonymised": "yes" if asked.pseudonymised else "no",
            "sample": "" if asked.sample is None else str(asked.sample),
            "previous": "" if previous is None else f"{previous.size} sha256:{previous.root.hex()}",
            "version": __version__,
            "code": app.code_digest,
            "config": app.config_digest,
            RECEIPT: "yes",
        }
        | stated(app, asked)
        | ({"audits": _list(asked.audits)} if asked.audits else {})
        | ({REQUESTS: show_numbers(requests)} if requests else {})
    )


def other_requests(store: SqlStore, audits: Collection[str]) -> list[int]:
    """Return the numbers of the log entries about evidence requests of audits other than these."""
    with store.reading() as connection:
        return [
            record.leaf.index
            for record in LogParts(connection).newest(REQUEST_ACT, _ALL)
            if record.fact(RequestAct).audit not in audits
        ]


def terms_of(asked: ExportRequest, act: OperatorAct) -> Terms:
    """Return the terms of a bundle: the options, with time and person from the log entry."""
    values = {name: getattr(asked, name) for name in asked.__struct_fields__}
    return Terms(**values, at=act.at, by=act.by)


def export_leaf(store: SqlStore, asked: ExportRequest, about: dict[str, str], *, read_only: bool) -> ExportLeaf:
    """Return the newest log entry with the same options that gives the same bundle, or write a new one.

    Raises StoreError where a new one is needed and the store cannot be written.
    """
    from collector.actions.operator_acts import note
    from collector.setup.this_machine import this_user

    found = _newest(store)
    if found is not None:
        index, act = found
        if (act.about, act.by) == (about, this_user()) and _is_same(store, asked, index, act):
            return ExportLeaf(index, act, is_new=False)
    if read_only:
        raise StoreError(
            "this copy of the store cannot be written, and no such export is recorded in it",
            so="nothing was exported: to whom what was given would be recorded nowhere",
            mend="export from the store itself, or ask for an export that was made before with all its options",
        )
    note(store, EXPORT, about)
    made = _newest(store)
    if made is None:
        raise AssertionError("an act that was just recorded is not there")
    return ExportLeaf(*made, is_new=True)


def _newest(store: SqlStore) -> tuple[int, OperatorAct] | None:
    with store.reading() as connection:
        for record in LogParts(connection).newest("operator_act", _ALL):
            act = record.fact(OperatorAct)
            if act.act == EXPORT:
                return record.leaf.index, act
    return None


def _is_same(store: SqlStore, asked: ExportRequest, index: int, act: OperatorAct) -> bool:
    with store.reading() as connection:
        parts = LogParts(connection)
        if any(leaf > index for leaf in parts.of_kinds(_OTHERWISE, _ALL)):
            return False
        if any(
            record.leaf.index > index and record.fact(OperatorAct).act == DRAW
            for record in parts.newest("operator_act", _ALL)
        ):
            return False
        return asked.period.end <= act.at or parts.nothing_but(_OURS, index + 1)


def _list(values: tuple[str, ...]) -> str:
    return encode(list(values)).decode()
