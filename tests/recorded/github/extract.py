"""Take out of GitHub's published description of its API what the played answers are checked against.

    python extract.py ghec.json schemas.json

    python extract.py published schemas.json schema.graphql published.json

The first form makes `schemas.json`; the second, out of what is here, `connectors/github/_sdk/published.json`: the keys
and enumerations of GitHub's answers, which a recording of answers may keep.

The first file is `generated/ghec.json` of the npm package @octokit/openapi. What is kept are names, types and enums.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from collector.setup.loading import connector

_KEPT = ("type", "enum", "properties", "required", "items", "anyOf", "oneOf", "allOf", "additionalProperties")
_OTHERS = ("GET /user", "GET /app", "GET /orgs/{org}/installation", "GET /rate_limit", "GET /user/orgs")
_SAME = {
    "GET /repos/{org}/.github/git/trees/{tree_sha}": "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
}


class Extract:
    """The schemas of some calls, and what they refer to."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.defs: dict[str, Any] = {}

    def of(self, call: str) -> dict[str, dict[str, Any] | None]:
        """Return the schema of each good answer to a call; None for one without content."""
        verb, path = _SAME.get(call, call).split(" ")
        answers = self._document["paths"][path][verb.lower()]["responses"]
        return {
            status: self._plain(answer["content"]["application/json"]["schema"]) if "content" in answer else None
            for status, answer in answers.items()
            if status.startswith("2") and "$ref" not in answer
        }

    def _plain(self, schema: Any) -> Any:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self.defs:
                self.defs[name] = {}
                self.defs[name] = self._plain(self._document["components"]["schemas"][name])
            return {"$ref": f"#/$defs/{name}"}
        made: dict[str, Any] = {}
        for key in _KEPT:
            if key not in schema:
                continue
            value = schema[key]
            if key == "properties":
                made[key] = {name: self._plain(one) for name, one in value.items()}
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                made[key] = [self._plain(one) for one in value]
            else:
                made[key] = self._plain(value) if isinstance(value, dict) else value
        return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def calls() -> list[str]:
    """Return every REST call that the connector declares."""
    github = connector("github").connector
    declared = {call for one in github.collections.values() for call in one.calls}
    declared |= {call for parts in github.parts.values() for part in parts for call in part.calls}
    return sorted(call for call in {*declared, *_OTHERS} if call.startswith("GET "))


_NAMES = {"", "description", "login", "name", "slug", "title"}
"""Keys that people fill in elsewhere: a constant there, as for a plan, could be anybody's word."""


def published(schemas: Any, graphql: str) -> dict[str, Any]:
    """Return all keys of answers, and the enumerated texts at each of them."""
    keys = set(re.findall(r"(?m)^  (\w+)[(:]", graphql)) | {
        "data",
        "errors",
        "extensions",
        "type",
        "path",
        "locations",
        "__typename",
    }
    constants: dict[str, set[str]] = {}
    enumerated = {name: set(words.split()) for name, words in re.findall(r"enum (\w+) \{([^}]*)\}", graphql)}
    for field, of in re.findall(r"(?m)^  (\w+)(?:\([^)]*\))?: \[?(\w+)", graphql):
        constants.setdefault(field, set()).update(enumerated.get(of, ()))

    followed: set[tuple[str, str]] = set()

    def walk(schema: Any, key: str) -> None:
        if not isinstance(schema, dict) or (schema.get("$ref"), key) in followed:
            return
        if "$ref" in schema:
            followed.add((schema["$ref"], key))
            walk(schemas["$defs"][schema["$ref"].rpartition("/")[2]], key)
        constants.setdefault(key, set()).update(word for word in schema.get("enum", ()) if isinstance(word, str))
        for name, inner in schema.get("properties", {}).items():
            keys.add(name)
            walk(inner, name)
        for inner in (schema.get("items"), schema.get("additionalProperties")):
            walk(inner, key)
        for inner in (inner for way in ("anyOf", "oneOf", "allOf") for inner in schema.get(way, ())):
            walk(inner, key)

    for answers in schemas["calls"].values():
        for schema in answers.values():
            walk(schema, "")
    for schema in schemas["$defs"].values():
        walk(schema, "")
    shared = {key: sorted(words) for key, words in sorted(constants.items()) if words and key not in _NAMES}
    return {"constants": shared, "keys": sorted(keys)}


def _write_published(schemas: str, graphql: str, target: str) -> None:
    found = published(json.loads(Path(schemas).read_text()), Path(graphql).read_text())
    lines = [f"    {json.dumps(key)}: {json.dumps(words)}" for key, words in found["constants"].items()]
    keys = [f"    {json.dumps(key)}" for key in found["keys"]]
    Path(target).write_text(
        '{\n  "constants": {\n' + ",\n".join(lines) + '\n  },\n  "keys": [\n' + ",\n".join(keys) + "\n  ]\n}\n"
    )


if __name__ == "__main__":
    if sys.argv[1] == "published":
        _write_published(*sys.argv[2:])
        sys.exit()
    source, target = (Path(name) for name in sys.argv[1:])
    extract = Extract(json.loads(source.read_text()))
    schemas = {call: extract.of(call) for call in calls()}
    made = {"calls": schemas, "$defs": dict(sorted(extract.defs.items()))}
    target.write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n")
