"""Take what validates from CycloneDX's JSON schema: `python extract.py FOLDER`, where cyclonedx-python-lib has it."""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = {
    "bom-1.6.SNAPSHOT.schema.json": "bom-1.6.json",
    "spdx.SNAPSHOT.schema.json": "spdx.json",
    "jsf-0.82.SNAPSHOT.schema.json": "jsf-0.82.json",
}
ONLY_FOR_READERS = {"description", "title", "$comment", "examples", "meta:enum"}


def stripped(value: Any) -> Any:
    """Return a schema without what is for readers; a property of such a name is an object, and stays."""
    if isinstance(value, dict):
        return {
            key: stripped(inner)
            for key, inner in value.items()
            if not (key in ONLY_FOR_READERS and (isinstance(inner, str | list) or key == "meta:enum"))
        }
    return [stripped(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for name, to in FILES.items():
        schema = stripped(json.loads((Path(sys.argv[1]) / name).read_text(encoding="utf-8")))
        (HERE / to).write_text(json.dumps(schema, indent=None, sort_keys=True) + "\n", encoding="utf-8")
