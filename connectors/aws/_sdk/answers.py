"""How sure the answers of AWS are, call by call. A call that is not here is only described.

Tests and the demo play AWS by moto, whose answers are made after the models of botocore. No answer of AWS was
recorded, and no run against AWS is on record.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.answers import AnswerBasis

ANSWERS: Mapping[str, AnswerBasis] = {}
