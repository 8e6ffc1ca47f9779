"""One line of text for a log entry of any kind, and the person who caused it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.clocks import CLOCK_ANOMALY, ClockAnomaly, show_anomaly
from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Fact = dict[str, Any]

_QUIET = {"at", "by", "host", "type", "entered_by", "made_at"}
_LONGEST = 200
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


def who(kind: str, fact: Fact) -> str | None:
    """Return who caused it, as it was written; None where it was no person."""
    if kind == "macs":
        person = (fact["unproven"] or {}).get("by")
    else:
        person = fact.get("attestation", fact).get("entered_by") if kind == "attested" else fact.get("by")
    if isinstance(person, dict):  # an identity of somebody who signed in
        return str(person["name"])
    return person if isinstance(person, str) else None


def line_of(kind: str, fact: Fact, changes: str = "") -> str:
    """Return the content of a log entry as one line; `changes` are those of a company file."""
    if kind == "company_file":
        return _company_file(fact, changes)
    spell = _LINES.get(kind, _whatever)
    text = spell(fact)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _company_file(fact: Fact, changes: str) -> str:
    what = f"{fact['file_name']} is gone" if fact["digest"] is None else f"{fact['file_name']} {fact['digest']}"
    was = "not in the log before" if fact["was"] is None else f"was {fact['was']}"
    return "; ".join(part for part in (what, was, changes) if part)


def _genesis(fact: Fact) -> str:
    return f"the log {fact['origin']} begins, {fact['software']}; its key is {fact['key']}"


def _run_started(fact: Fact) -> str:
    again = f", goes on with {fact['resumes']}" if fact.get("resumes") else ""
    missed = fact.get("missed")
    late = f", makes up for {plural(missed['count'], 'missed slot')} since {missed['first']}" if missed else ""
    return f"run {fact['run']} by {fact['trigger']}, annexd {fact['version']}{again}{late}"


def _run_ended(fact: Fact) -> str:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in fact["outcomes"].items())
    stopped = f"; stopped: {fact['stopped']}" if fact.get("stopped") else ""
    return f"run {fact['run']}: {counts or 'no collection'}{stopped}"


def _attested(fact: Fact) -> str:
    attestation = fact["attestation"]
    person = attestation["stated_by"]
    file = "a statement" if attestation.get("digest") is None else f"{attestation['file_name']} {attestation['digest']}"
    return f"{attestation['kind']} for {attestation['ask']}, stated by {person['name']}, {person['role']}: {file}"


def _verified(fact: Fact) -> str:
    if fact.get("wrong"):
        return f"verified, and it does not hold: {fact['wrong']}"
    return f"verified: {fact['leaves']} log entries and {fact['rows']} rows of tables hold, log hash {fact['root']}"


def _anchored(fact: Fact) -> str:
    how = "anchored" if fact.get("token") else f"not anchored: {fact.get('why')}"
    return f"{fact['size']} log entries {how}, {fact['kind']} at {fact['where']}"


def _act(fact: Fact) -> str:
    told = {name: _told(value) for name, value in fact["about"].items()}
    about = ", ".join(f"{name} {text}" for name, text in told.items() if text)
    return f"{fact['act']}: {about}" if about else str(fact["act"])


def _told(value: str) -> str:
    """Return a value of what an act is about as people read it: a list by its members, a table by how many it has."""
    if value[:1] not in {"[", "{"}:
        return _DIGEST.sub(r"\1...", value)
    try:
        read = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
    if isinstance(read, list) and all(isinstance(member, str) for member in read):
        return " and ".join(read)
    return f"of {len(read)}" if read else ""


def _in_force(fact: Fact) -> str:
    if fact.get("was_config") is None:
        return f"rules before run {fact['run']}, the first"
    changes = [
        *(word for word in ("config", "code") if fact[f"was_{word}"] != fact[word]),
        *(
            f"{word.replace('_', ' ')}: {', '.join(fact[word])}"
            for word in ("added", "removed", "code_changed", "limits_changed", "disabled", "enabled", "mapping_changed")
            if fact.get(word)
        ),
    ]
    return f"rules before run {fact['run']}; changed: {'; '.join(changes) or 'reasons'}"


def _erasure(fact: Fact) -> str:
    what = f"{fact['kind']} {fact['key']} in {fact['source']}" if fact.get("key") is not None else "by age"
    return f"{fact['bodies']} bodies deleted, {what}: {fact['basis']}; approved by {fact['approved_by']}"


def _clock_anomaly(fact: Fact) -> str:
    return f"run {fact['run']}: {show_anomaly(msgspec.convert(fact, ClockAnomaly))}"


def _alerted(fact: Fact) -> str:
    over = sum(alert.get("over", False) for alert in fact["alerts"])
    raised = [alert["what"] for alert in fact["alerts"] if not alert.get("over", False)]
    return f"{plural(len(raised), 'alert')}, {over} over" + (f": {'; '.join(raised[:3])}" if raised else "")


def _alert_delivery(fact: Fact) -> str:
    why = f": {fact['why']}" if fact["why"] else ""
    return f"{plural(len(fact['alerts']), 'alert')} to {fact['target']}: {fact['result'].replace('_', ' ')}{why}"


def _macs(fact: Fact) -> str:
    begin, unproven = "each log entry from here on has a MAC", fact["unproven"]
    if unproven is None:
        return f"{begin}; all before are signed"
    kinds = ", ".join(f"{count} {kind}" for kind, count in unproven["kinds"].items())
    let = f"nothing proves who wrote {unproven['first']} to {unproven['last']} ({kinds}), which may stay"
    return f"{begin}; {let}: {unproven['reason']}"


def _request_act(fact: Fact) -> str:
    file = "" if fact["file"] is None else f"; {fact['file']['name']} {fact['file']['digest']}"
    by = fact["by"]
    return f"audit request {fact['request']}: {fact['verb']} as {by['role']} ({by['subject']}): {fact['text']}{file}"


def _record_entered(fact: Fact) -> str:
    record = fact["record"]
    file = "a statement" if record["digest"] is None else f"{record['file_name']} {record['digest']}"
    return f"record for {record['ask']}, to be reviewed: {file}"


def _record_reviewed(fact: Fact) -> str:
    why = f": {fact['text']}" if fact["text"] else ""
    return f"the record of log entry {fact['entered']} was {fact['decision']}{why}"


def _access_day(fact: Fact) -> str:
    return f"{plural(fact['views'], 'page view')} of auditors on {fact['day']}: {fact['file_name']} {fact['digest']}"


def _run_of(fact: Fact) -> str:
    return f"run {fact['run']}"


def _whatever(fact: Fact) -> str:
    """Return the plain values of a log entry of any other kind."""
    plain = (f"{name} {value}" for name, value in fact.items() if name not in _QUIET and _is_plain(value))
    return ", ".join(plain)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""


_LINES: Mapping[str, Callable[[Fact], str]] = {
    "genesis": _genesis,
    "run_started": _run_started,
    "tasks_planned": _run_of,
    "judged": _run_of,
    "run_ended": _run_ended,
    "attested": _attested,
    "anchored": _anchored,
    "verified": _verified,
    "alerted": _alerted,
    "alert_delivery": _alert_delivery,
    "request_act": _request_act,
    "record_entered": _record_entered,
    "record_reviewed": _record_reviewed,
    "access_day": _access_day,
    "operator_act": _act,
    "in_force": _in_force,
    "erasure": _erasure,
    CLOCK_ANOMALY: _clock_anomaly,
    "macs": _macs,
}
