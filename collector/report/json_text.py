"""Read models as JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def json_text(shape: Any) -> str:  # noqa: ANN401  any of the documented shapes
    """Return a view as JSON in ASCII."""
    plain = msgspec.to_builtins(shape)
    return json.dumps(plain, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f")
