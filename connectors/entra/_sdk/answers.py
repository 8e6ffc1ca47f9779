"""How sure the answers of Microsoft Graph are, call by call. A call that is not here is only described.

Tests play the examples of Microsoft's reference pages, and answers made after the metadata of v1.0. No answer of a
tenant was recorded, and no run against one is on record.
"""

from __future__ import annotations

from collector.core.answers import AnswerBasis

ANSWERS: dict[str, AnswerBasis] = {}
