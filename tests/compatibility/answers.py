"""What the program says of a fixture store, reduced to what must never change: values, and no sentences.

Left out is what may rightly change: what today's mapping adds, checks that a later version brings, digests of code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.compatibility.program import FIXTURES, Installed, annexd

END = "2026-11-26T12:00:00Z"
"""When everything was over; also a moment at which nothing is stale."""
DAY_ONE = "2026-11-23T12:00:00Z"

_NEW = {"never", "not_run"}
"""What is said of lists that a later version looks at, and this one did not know."""

_FINGERPRINT = re.compile(r"[0-9a-f]{16}\]")

JUDGED_AGAIN = (
    "github_org_owner_count_limited",  # over a complete set
    "github_org_tokens_expire",  # on a list that was refused
    "github_org_outside_collaborators_reviewed",  # on what was erased by name
)
"""Checks whose verdicts are made again. One that is changed on purpose is taken out here, and so are its lines."""


def verified(store: Installed) -> Any:
    """What is proven of the record, also when every table is derived again."""
    said = store.json("verify", "--rebuild")
    names = ("origin", "payloads", "bodies", "erased", "inventories")
    heads = store.heads()  # bringing it up to date is signed too
    return {
        "checkpoints": len(heads),
        "signed": heads[-1][0],
        **{name: said[name] for name in (*names, "anchors", "anchors_proven", "pending", "clock_anomalies")},
    }


def status(store: Installed) -> Any:
    """Counts of verdicts and tasks, with what could not be looked at."""
    said = store.json("status", "--as-of", END)
    return {
        "verdicts": said["verdicts"],
        "tasks": {one["name"]: _without(one["tasks"], "not_run") for one in said["sources"]},
        "outcomes": said["run"]["outcomes"],
        "stale": said["stale"],
        "actions": said["actions"],
        "risks": said["risks"],
        "gaps": sorted(
            [one["how"], one["needs"], len(one["tasks"]), one["resources"]]
            for one in said["gaps"]
            if one["how"] not in _NEW
        ),
    }


def _without(counts: dict[str, int], name: str) -> dict[str, int]:
    return {key: count for key, count in counts.items() if key != name}


def findings(store: Installed) -> Any:
    """Every finding at two moments."""
    return {moment: _findings(store, moment) for moment in (DAY_ONE, END)}


def _findings(store: Installed, moment: str) -> list[list[str]]:
    said = store.json("findings", "--status", "all", "--all", "--as-of", moment)
    return sorted([one["check"], "/".join(one["scope"]), one["subject"], one["status"]] for one in said["findings"])


def controls(store: Installed) -> Any:
    """The controls that fail or are excluded, and the records that are on file."""
    said = store.json("controls", "--as-of", END)
    every = [control for framework in said["frameworks"] for control in framework["controls"]]
    return {
        "states": {one["id"]: one["status"] for one in every if one["status"] in {"failing", "excluded"}},
        "records": {
            ask["id"]: [ask["state"], ask["until"], ask["leaf"]]
            for one in every
            for ask in one["asks"]
            if ask["state"] != "missing"
        },
    }


def period(store: Installed) -> Any:
    """What each check showed over the days, and when nobody looked."""
    said = store.json("period", "--from", "2026-11-23", "--to", "2026-11-26")
    return {
        "checks": {
            one["check"]: [one["counts"], one["at_end"], _failed(one["longest_fail"])]
            for one in said["checks"]
            if one["first_observed"] is not None
        },
        "gaps": sorted([one["how"], one["count"], _minute(one["since"]), len(one["tasks"])] for one in said["gaps"]),
        "files": len(said["company_files"]),
    }


def _failed(spell: Any) -> Any:
    return spell and [spell["subject"], _minute(spell["since"]), _minute(spell["until"]), spell["days"]]


def _minute(moment: str | None) -> str | None:
    return moment and moment[: len("2026-11-23T06:00")]


def replay(store: Installed) -> Any:
    """What today's checks say of stored evidence: at the end, and where some of it was erased since."""
    return {moment: _replay(store, moment, "today") for moment in (DAY_ONE, END)}


def replay_then(store: Installed) -> Any:
    """The same with the checks of then, which today's stand for only where their code is known to be the same."""
    return {moment: _replay(store, moment, "then") for moment in (DAY_ONE, END)}


def _replay(store: Installed, moment: str, which: str) -> Any:
    chosen = [word for check in JUDGED_AGAIN for word in ("--check", check)]
    said = store.json("replay", "--as-of", moment, "--checks", which, *chosen)
    return {
        "judged": said["judged"],
        "same": said["same"],
        "recorded": said["recorded_counts"],
        "again": said["judged_counts"],
        "otherwise": sorted(
            [one["check"], one["subject"], one["recorded"], one["judged"]] for one in said["differences"]
        ),
        "not judged": sorted(one["check"] for one in said["not_judged"]),
    }


def population(store: Installed) -> Any:
    """Every change of code that was seen, and how often was drawn from them."""
    said = store.json("population", "github.repo.change", "--from", "2026-11-01", "--to", "2026-11-24")
    items = [["/".join(one["scope"]), one["key"], one["happened_at"], one["gone"]] for one in said["items"]]
    return {"items": sorted(items), "draws": said["draws"], "complete": said["complete"], "gaps": len(said["gaps"])}


_BROUGHT_UP = frozenset({"migrated", "macs"})  # bringing it up to date may add one of each


def log(store: Installed) -> Any:
    """How many leaves there are of each kind, and who did what."""
    said = store.json("log")
    return {
        "kinds": {kind: count for kind, count in said["kinds"].items() if kind not in _BROUGHT_UP},
        "acts": [
            [one["leaf"], one["kind"], one["who"]]
            for one in said["lines"]
            if one["who"] and one["kind"] not in _BROUGHT_UP
        ],
    }


_RESOURCES = (
    ("github.org.organization", "acme", "acme", END),
    ("github.org.member", "alice", "acme", END),  # with volatile keys
    ("github.repo.code_scanning", "-", "acme/infrastructure", END),  # with a part that could not be read
    ("github.org.outside_collaborator", "former-vendor", "acme", "2026-11-24T12:00:00Z"),  # erased by name since
)


def evidence(store: Installed) -> Any:
    """Some resources as they are stored."""
    return {f"{kind} {key}": _resource(store, kind, key, scope, at) for kind, key, scope, at in _RESOURCES}


def _resource(store: Installed, kind: str, key: str, scope: str, moment: str) -> Any:
    said = store.json("evidence", "code", kind, key, "--scope", scope, "--as-of", moment)
    return {
        "body": json.loads(_FINGERPRINT.sub("...]", json.dumps(said["body"]))),  # each store has a key of its own
        "facts": said["facts"],
        "unread": {name: [part["call"], part["needs"], part["denied"]] for name, part in said["unread"].items()},
        "outcome": said["observation"]["outcome"],
        "requests": said["observation"]["provenance"]["requests"],
        "findings": sorted([one["check"], one["status"]] for one in said["findings"]),
    }


ANSWERS: dict[str, Callable[[Installed], Any]] = {
    one.__name__: one
    for one in (verified, status, findings, controls, period, replay, replay_then, evidence, population, log)
}

BUNDLES = ("period", "sample", "withheld")
_PROVEN = (
    *("files", "key", "origin", "size", "root", "start", "until", "first", "end", "leaves", "hidden", "border_hidden"),
    *("previous", "anchors", "anchors_proven", "anchored_at", "outcomes", "findings", "findings_unproven", "bodies"),
    *("inventories", "erased", "withheld", "sample", "not_drawn"),
)


def bundle(version: str, name: str) -> Any:
    """What is proven of a bundle, and what comes out where its evidence is judged again."""
    at = FIXTURES / version
    words = [*key_of(version, name), "--tsa-ca", str(at / "authority.pem"), "--replay", "--json"]
    if name == "withheld":
        words += ["--previous", str(at / "period.zip")]
    said = annexd("verify", str(at / f"{name}.zip"), *words)
    assert said.code == 0, said.err
    proven = json.loads(said.out)
    again = {one: proven["replay"][one] for one in ("stated", "not_judged", "differs")}
    return {"proven": {one: proven[one] for one in _PROVEN}, "again": again}


def key_of(version: str, name: str) -> tuple[str, str]:
    """The words that name the key of a bundle."""
    return "--key", (FIXTURES / version / f"{name}.vkey").read_text("ascii").strip()


_LINE = 110


def shown(value: Any, indent: str = "") -> bytes:
    """Return JSON with whatever fits into a line on one."""
    text, deeper = json.dumps(value, sort_keys=True), f"{indent} "
    if len(text) + len(indent) > _LINE and isinstance(value, dict):
        lines = [f"{deeper}{json.dumps(key)}: {shown(inner, deeper).decode()}" for key, inner in sorted(value.items())]
        text = "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    elif len(text) + len(indent) > _LINE and isinstance(value, list):
        text = "[\n" + ",\n".join(f"{deeper}{shown(inner, deeper).decode()}" for inner in value) + f"\n{indent}]"
    return text.encode()
