"""Every kind of fact has golden bytes: today's types write exactly these, and read them back whole."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from msgspec import Struct

from collector.core.facts import Fact
from storage.log.notes import make_note, open_note, parse_checkpoint
from tests.compatibility import encodings, golden, leaves

FILES = sorted(golden.LEAVES.glob("*.json"))


def kind_of(data: bytes) -> str:
    """Return the kind that the bytes of a leaf state."""
    kind: str = json.loads(data)["k"]
    return kind


def test_every_kind_of_fact_has_a_golden_leaf() -> None:
    """A fact without one could be renamed out of every record that holds it."""
    assert {kind_of(file.read_bytes()) for file in FILES} == set(leaves.TYPES)
    assert set(get_args(Fact)) <= set(leaves.TYPES.values())


def test_every_golden_leaf_is_built() -> None:
    """Bytes that nobody builds prove only that they can be read; those of today's form have to be written too."""
    assert {file.stem for file in FILES} == golden.GOLDEN.keys() | golden.EARLIER


@pytest.mark.parametrize("name", sorted(golden.GOLDEN))
def test_a_fact_is_written_as_ever(name: str) -> None:
    """A field may be called otherwise in code, and never in a leaf: its hash is signed."""
    leaf, payloads = leaves.encode(golden.GOLDEN[name])

    assert leaf == (golden.LEAVES / f"{name}.json").read_bytes()
    assert payloads == [file.read_bytes() for file in golden.LEAVES.glob(f"{name}.payload")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_leaf_is_read_whole(file: Any) -> None:
    """What is read and written again must be all that was there: a field that is passed over is lost evidence."""
    data = file.read_bytes()

    again, _ = leaves.encode(leaves.decode(data, golden.payloads()))

    assert lost(json.loads(data), json.loads(again)) == []
    assert again == data or file.stem in golden.EARLIER


def lost(was: Any, now: Any, at: str = "") -> list[str]:
    """Return where something that was said is not said any more; what is said besides is left alone."""
    if isinstance(was, dict) and isinstance(now, dict):
        return [one for key in was for one in lost(was[key], now.get(key, "nothing"), f"{at}/{key}")]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return [one for number, inner in enumerate(was) for one in lost(inner, now[number], f"{at}/{number}")]
    return [] if was == now else [at]


def test_what_is_lost_is_named() -> None:
    """What old leaves are held against has to be able to fail."""
    assert lost({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "new": 3}]}) == []
    assert lost({"a": [1, {"b": 2}], "c": None}, {"a": [1, {"d": 2}]}) == ["/a/1/b", "/c"]


def test_what_is_read_is_what_was_written() -> None:
    """Two wrongs, one in writing and one in reading, could make the same bytes."""
    read = {
        name: leaves.decode((golden.LEAVES / f"{name}.json").read_bytes(), golden.payloads()).fact
        for name in golden.GOLDEN
    }

    assert read == {name: built.fact for name, built in golden.GOLDEN.items()}


def test_every_field_is_filled_somewhere() -> None:
    """A field that is empty in each golden leaf would be missed by nobody."""
    filled: defaultdict[type[Struct], set[str]] = defaultdict(set)
    for built in golden.GOLDEN.values():
        for struct in structs_in([built.fact, *built.rows]):
            filled[type(struct)] |= {name for name in struct.__struct_fields__ if getattr(struct, name)}

    empty = {of: {*of.__struct_fields__} - names for of, names in filled.items()}
    assert {of.__name__: names for of, names in empty.items() if names} == {}


def structs_in(value: object) -> Iterator[Struct]:
    """Yield every struct in a value, at whatever depth."""
    if isinstance(value, Struct):
        yield value
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from structs_in(inner)


@pytest.mark.parametrize("name", sorted(encodings.ENCODINGS))
def test_what_is_hashed_or_signed_is_made_as_ever(name: str) -> None:
    """A digest that is made otherwise is another digest, and old evidence would prove nothing."""
    assert encodings.ENCODINGS[name]() == (golden.ENCODINGS / name).read_bytes()


def test_a_signed_head_is_read_back() -> None:
    """Old checkpoints lie outside, with auditors and witnesses."""
    note = (golden.ENCODINGS / "checkpoint").read_text("utf-8").rpartition("\n\n")[0] + "\n"
    keys = (encodings.SIGNER.key, encodings.NEXT_SIGNER.key)

    heads = {parse_checkpoint(open_note(note, key)) for key in keys}

    assert [make_note(head, encodings.SIGNER, encodings.NEXT_SIGNER) for head in heads] == [note]
