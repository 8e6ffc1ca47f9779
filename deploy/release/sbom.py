"""The bill of materials of a release, in CycloneDX 1.6: every pinned distribution, and which of them needs which.

It is made from the constraints file and from the recorded metadata alone, without any index, and is the same each time.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
RECORDED = ROOT / "tests" / "recorded" / "distributions" / "requirements.json"

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s\\;]+)(?: ; (?P<marker>[^\\\n]+?))? *\\?$", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMESPACE = uuid.UUID(
    "0a6b8f0e-55c1-5f0e-9d0e-1e0f5a0c6a35"
)  # made up once, so that equal contents have equal numbers


def pins(constraints: str) -> list[dict[str, Any]]:
    """Return `name`, `version`, `marker` (None: everywhere) and `hashes` of each distribution of a constraints file."""
    found = list(_PIN.finditer(constraints))
    ends = [pin.start() for pin in found[1:]] + [len(constraints)]
    return [
        {
            "name": canonicalize_name(pin["name"]),
            "version": pin["version"],
            "marker": pin["marker"],
            "hashes": _HASH.findall(constraints[pin.end() : end]),
        }
        for pin, end in zip(found, ends, strict=True)
    ]


def bill(version: str, made_at: int, constraints: str, needs: list[str], recorded: dict[str, Any]) -> dict[str, Any]:
    """Return the bill of materials of a version. `made_at` is in seconds of the epoch, `needs` what annexd requires."""
    listed = pins(constraints)
    own = f"pkg:pypi/annexd@{version}"
    refs = {pin["name"]: _purl(pin) for pin in listed}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(_NAMESPACE, f"{version} {hashlib.sha256(constraints.encode()).hexdigest()}").urn,
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "annexd",
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [_component(pin) for pin in listed],
        "dependencies": [
            {"ref": own, "dependsOn": _known(needs, refs)},
            # What is not in it has dependencies that are not known: those of another operating system.
            *(
                {"ref": refs[pin["name"]], "dependsOn": _known(metadata["requires"], refs)}
                for pin in listed
                if (metadata := recorded.get(f"{pin['name']}=={pin['version']}")) is not None
            ),
        ],
    }


def _purl(pin: dict[str, Any]) -> str:
    return f"pkg:pypi/{pin['name']}@{pin['version']}"


def _component(pin: dict[str, Any]) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(pin),
        "name": pin["name"],
        "version": pin["version"],
        "purl": _purl(pin),
        # One of these is installed: each is of one wheel, or of the source.
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{pin['name']}/{pin['version']}/",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin["hashes"]],
            }
        ],
    }
    if pin["marker"] is not None:
        component["properties"] = [{"name": "annexd:marker", "value": pin["marker"]}]
    return component


def _known(needs: list[str], refs: dict[str, str]) -> list[str]:
    """Return those of some requirements that the file pins, of whatever extra and environment."""
    names = {canonicalize_name(Requirement(need).name) for need in needs}
    return sorted(refs[name] for name in names & refs.keys())


def made(version: str, made_at: int, needs: list[str]) -> str:
    """Return the text of the bill of materials of what the image and a pinned installation hold."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    text = CONSTRAINTS.read_text(encoding="utf-8")
    return json.dumps(bill(version, made_at, text, needs, recorded), indent=1) + "\n"
