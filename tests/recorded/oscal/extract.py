"""Take out of NIST's JSON schema what our OSCAL is checked against: names, types, patterns, and what is required.

    python extract.py oscal_assessment-results_schema.json assessment_results.json

Titles, descriptions and comments are left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROSE = frozenset({"title", "description", "$comment"})


def bare(schema: Any) -> Any:
    """Return a schema without the texts that explain it; a property may be called as they are."""
    match schema:
        case dict():
            return {key: bare(value) for key, value in schema.items() if key not in _PROSE or isinstance(value, dict)}
        case list():
            return [bare(one) for one in schema]
        case _:
            return schema


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:])
    made = bare(json.loads(source.read_text()))
    target.write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n")
