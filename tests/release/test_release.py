"""What a release is made of: a bill of materials by the published schema, and files that anybody can build again."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from deploy.release.building import ROOT, DifferentError, build, built_twice, copied
from deploy.release.sbom import CONSTRAINTS, bill, made, pins

SHAPES = ROOT / "tests" / "recorded" / "cyclonedx"
AT = 1_796_000_000
NEEDS = ["httpx>=0.28", "boto3>=1.44.5 ; extra == 'aws'", "moto>=5 ; extra == 'demo'"]


@cache
def validator() -> Draft7Validator:
    """CycloneDX 1.6 as it is published."""
    schema, spdx, jsf = (
        json.loads((SHAPES / name).read_text()) for name in ("bom-1.6.json", "spdx.json", "jsf-0.82.json")
    )
    named = {"spdx.SNAPSHOT.schema.json": spdx, "jsf-0.82.SNAPSHOT.schema.json": jsf}
    base = schema["$id"].rpartition("/")[0]
    registry: Registry[Any] = Registry().with_resources(
        [(f"{base}/{name}", Resource.from_contents(found)) for name, found in named.items()]
    )
    return Draft7Validator(schema, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER)


def a_bill() -> dict[str, Any]:
    """The bill of materials of a made-up version."""
    found: dict[str, Any] = json.loads(made("1.2.3", AT, NEEDS))
    return found


def test_it_is_valid_by_the_published_schema() -> None:
    """Whoever imports it has a validator of theirs."""
    assert [error.message for error in validator().iter_errors(a_bill())] == []


@pytest.mark.parametrize("key", ["bomFormat", "specVersion"])
def test_the_schema_refuses_what_is_none(key: str) -> None:
    """A validator that takes everything proves nothing."""
    broken = {name: value for name, value in a_bill().items() if name != key}

    assert list(validator().iter_errors(broken))
    assert list(validator().iter_errors({**a_bill(), "components": [{"name": "nameless"}]}))


def test_every_pin_is_in_it_with_its_digests() -> None:
    """A component that is left out is the one with the hole."""
    text = CONSTRAINTS.read_text()
    components = {(entry["name"], entry["version"]): entry for entry in a_bill()["components"]}
    digests = [found for entry in components.values() for found in entry["externalReferences"][0]["hashes"]]

    assert len(components) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
    assert len(digests) == text.count("--hash=sha256:")
    assert all(entry["externalReferences"][0]["hashes"] for entry in components.values())


def test_what_needs_what_is_in_it() -> None:
    """By that a reader finds out whether a hole can be reached."""
    needs = {entry["ref"].partition("@")[0]: entry["dependsOn"] for entry in a_bill()["dependencies"]}
    of_annexd = {ref.partition("@")[0] for ref in needs["pkg:pypi/annexd"]}

    assert of_annexd == {"pkg:pypi/httpx", "pkg:pypi/boto3"}  # moto is pinned elsewhere
    assert "pkg:pypi/httpcore" in {ref.partition("@")[0] for ref in needs["pkg:pypi/httpx"]}
    everywhere = [entry for entry in a_bill()["components"] if "properties" not in entry]
    assert {entry["purl"].partition("@")[0] for entry in everywhere} <= needs.keys()


def test_a_marker_is_kept_and_another_file_has_another_number() -> None:
    """A number is of one content."""
    text = (
        'a-b==1.0 ; sys_platform == "win32" \\\n    --hash=sha256:'
        + "0" * 64
        + "\nc[x]==2 \\\n    --hash=sha256:"
        + "1" * 64
        + "\n"
    )
    recorded = {"a-b==1.0": {"requires": []}, "c==2": {"requires": ["A_B>=1"]}}
    one, other = (bill("1", AT, content, [], recorded) for content in (text, text.replace("0" * 64, "2" * 64)))

    assert [(pin["name"], pin["marker"], len(pin["hashes"])) for pin in pins(text)] == [
        ("a-b", 'sys_platform == "win32"', 1),
        ("c", None, 1),
    ]
    assert one["components"][0]["properties"] == [{"name": "annexd:marker", "value": 'sys_platform == "win32"'}]
    assert one["dependencies"][-1]["dependsOn"] == ["pkg:pypi/a-b@1.0"]
    assert one["serialNumber"] != other["serialNumber"]
    assert one["serialNumber"] == bill("1", AT, text, [], recorded)["serialNumber"]


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    """Then anybody can hold what was published against the source, in another folder and at another time."""
    digests = built_twice(tmp_path / "dist", tmp_path / "scratch", AT)

    assert sorted(name.rpartition(".")[2] for name in digests) == ["gz", "whl"]


@pytest.mark.deep
def test_a_build_of_another_source_is_another_one(tmp_path: Path) -> None:
    """A comparison that finds no difference has to be able to find one."""
    source = copied(tmp_path / "changed")
    first = build(source, tmp_path / "first", AT)
    (source / "README.md").write_text("another")
    second = build(source, tmp_path / "second", AT)

    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)
    assert issubclass(DifferentError, Exception)
