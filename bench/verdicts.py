"""What two scanners say of the same resources, and where they differ.

Prowler names a resource by its ARN, annexd by a key of its own: they meet in the last part of both. What a scanner
says of an account or region as a whole is compared with the worst that the other says, as is what one check of annexd
says with the worst of the checks of Prowler that ask for parts of it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from collector.core.findings import WHOLE
from collector.core.resources import ONLY
from storage import open_store

_COUNTERPARTS = Path(__file__).with_name("counterparts.toml")
_LAST = re.compile(r"([^/:]*)(?::\*)?$")
_WHOLE = ""
_WORST = ("FAIL", "unknown", "PASS")
_SHOWN = 300


class Said(Struct, frozen=True):
    """A verdict of a scanner on a resource, by the last part of its name; WHOLE for an account or region."""

    check: str
    resource: str
    status: str
    reason: str


def said_by_annexd(folder: Path) -> list[Said]:
    """Return the findings of the store in a folder; a pass and a fail are written as Prowler writes them."""
    with open_store(
        f"sqlite:///{folder}/bench.db", writer=False, key_file=folder / "key", clock=lambda: datetime.now(UTC)
    ) as store:
        found = [state.finding for state in store.findings()]
    return [
        Said(
            finding.id.check,
            _WHOLE if finding.id.subject in {WHOLE, ONLY} else _last(finding.id.subject),
            {"pass": "PASS", "fail": "FAIL"}.get(finding.status.value, finding.status.value),
            finding.reason,
        )
        for finding in found
    ]


def said_by_prowler(folder: Path) -> list[Said]:
    """Return the findings of the OCSF file in a folder."""
    return [
        Said(
            finding["metadata"]["event_code"],
            _last(finding["resources"][0]["uid"]),
            finding["status_code"],
            finding["status_detail"],
        )
        for path in folder.glob("*.ocsf.json")
        for finding in json.loads(path.read_text())
    ]


def print_differences(own: Sequence[Said], others: Sequence[Said]) -> None:
    """Print where checks say otherwise of the same resources: of how many, and of one of them with both reasons."""
    by_own, by_others = _by_check(own), _by_check(others)
    agreed = differing = 0
    not_compared: list[str] = []
    for check, counterparts in tomllib.loads(_COUNTERPARTS.read_text()).items():
        groups: dict[tuple[str, str, str], list[tuple[Said, Said]]] = defaultdict(list)
        theirs = _by_resource(said for name in counterparts for said in by_others.get(name, ()))
        pairs = list(_pairs(_by_resource(by_own.get(check, ())), theirs))
        if not pairs:
            not_compared.append(check)
        for mine, other in pairs:
            if mine.status == other.status:
                agreed += 1
            else:
                groups[mine.status, other.check, other.status].append((mine, other))
        for (status, counterpart, its_status), found in sorted(groups.items()):
            differing += len(found)
            mine, other = found[0]
            print(f"{len(found):>6} {check}: {status}, {counterpart}: {its_status}")
            print(f"       {mine.resource or '(account)'}: {mine.reason[:_SHOWN]} | {other.reason[:_SHOWN]}")
    print(f"verdicts on the same resource: {agreed} agree, {differing} differ")
    if not_compared:
        print(f"no resource of which both say something: {', '.join(not_compared)}")


def _pairs(own: Mapping[str, Said], others: Mapping[str, Said]) -> Iterator[tuple[Said, Said]]:
    """Yield what both say of each resource that both know, or of everything where one of them speaks of the whole."""
    if not own or not others:
        return
    shared = own.keys() & others.keys() - {_WHOLE}
    if shared:
        yield from ((own[name], others[name]) for name in sorted(shared))
    elif len(own) == 1 or len(others) == 1:
        yield _worst(own), _worst(others)


def _worst(said: Mapping[str, Said]) -> Said:
    return min(said.values(), key=_rank)


def _rank(said: Said) -> int:
    return _WORST.index(said.status) if said.status in _WORST else len(_WORST)


def _by_check(said: Iterable[Said]) -> Mapping[str, list[Said]]:
    found: dict[str, list[Said]] = defaultdict(list)
    for each in said:
        found[each.check].append(each)
    return found


def _by_resource(said: Iterable[Said]) -> dict[str, Said]:
    """Return the worst that is said of each resource."""
    found: dict[str, Said] = {}
    for each in said:
        known = found.get(each.resource)
        if known is None or _rank(each) < _rank(known):
            found[each.resource] = each
    return found


def _last(name: str) -> str:
    match = _LAST.search(name)
    return name if match is None or not match[1] else match[1]
