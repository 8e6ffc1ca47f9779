"""JSON that two programs could read in two ways is refused by both verifiers, wherever a document is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.bundle.verifying.strict_json import check_json, check_reading
from collector.core.errors import VerificationError
from tests.bundle.conftest import Office
from tests.bundle.test_forged import sealed_again
from tests.bundle.verifiers import ours, script, theirs

TWICE, NUMBER, HALF = b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":"\\ud800"}'
ODD = (
    TWICE,
    b'{"b":{"a":1,"a":1}}',
    NUMBER,
    b"-Infinity",
    HALF,
    b'"\xff"',
    '{"a":1}'.encode("utf-16"),
    b'{"a":1}x',
    b"",
)
PLAIN = (
    b'{"a":1}',
    b'{"a": "\\ud83d\\ude00"}',
    '{"a":"\u00e9\U0001f600"}'.encode(),
    b'"\\\\ud800"',
    b"[1e-06]",
    b"1" * 40,
)


@pytest.mark.parametrize("data", ODD)
def test_what_is_read_in_two_ways_is_refused(data: bytes) -> None:
    """One program takes the first of two values, another the last, and a third replaces what is none."""
    for check in (check_json, check_reading):
        with pytest.raises(VerificationError):
            check(data, "it")
    with pytest.raises((script().Bad, ValueError)):
        script().load(data)


@pytest.mark.parametrize("data", PLAIN)
def test_what_is_read_in_one_way_is_taken(data: bytes) -> None:
    """Whether or not it is written as annexd writes it."""
    check_reading(data, "it")
    assert script().load(data) == check_json(data, "it")


def _edit(path: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("proof/range.json", b"{", b'{"bound": 0, '),
        ("proof/range.json", b'"bound": ', b'"more": NaN, "bound": '),
        ("proof/tree.json", b"{", b'{"size":1,'),
        ("proof/tree.json", b'"origin":"', b'"origin":"\\ud800'),
        ("data/state/findings.jsonl", b"{", b'{"status":"pass",'),
        ("data/state/findings.jsonl", b'"reason":"', b'"reason":"\\ud800'),
    ],
)
def test_the_documents_of_a_bundle_are_read_so(office: Office, path: str, old: bytes, new: bytes) -> None:
    """Signed again by the key of the log, so that nothing else is wrong before they are read."""
    office.export()

    forged = sealed_again(office, _edit(path, old, new))

    assert ours(forged, office.key).startswith(path)
    assert "no JSON that every program reads alike" in ours(forged, office.key)
    assert "receipt" not in theirs(forged, office.key)
    assert theirs(forged, office.key)
