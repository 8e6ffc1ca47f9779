"""Edits of the zip of a bundle: each field of each header, extra fields, names, packed streams, places and ends."""

from __future__ import annotations

import random
import struct
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial

from tests.attacks.zips import LISTED, LOCAL, Packed, Zip, unicode_path

ZipChange = Callable[[Zip], None]


def archive_changes(rng: random.Random, archive: Zip) -> Iterator[tuple[str, ZipChange]]:
    """Yield each change of an archive with its name; `rng` chooses the members that stand for all of them."""
    names = [one.name.decode() for one in archive.members]
    folder = names[0].partition("/")[0]
    deflated = [number for number, one in enumerate(archive.members) if one.method]
    one, other = rng.sample(deflated, 2)
    for header, fields in (("local", LOCAL), ("listed", LISTED)):
        for field in fields:
            for value in _values_of(field):
                yield (
                    f"{field} of a {header} header {value!r:.30}",
                    partial(_say, rng.choice(deflated), (header,), field, value),
                )
    for field in LOCAL:
        value = _values_of(field)[0]
        yield f"{field} of both headers", partial(_say, rng.choice(deflated), ("local", "listed"), field, value)
    for what, extra in _extras(archive.members[one], archive.members[other]):
        for where in (("local",), ("listed",), ("local", "listed")):
            yield f"{what} in {' and '.join(where)}", partial(_say, one, where, "extra", extra)
    for name in _names(names[one], folder):
        called = name.replace(folder.encode(), b"TOP")
        yield f"called {called!r}", partial(_say, one, ("local", "listed"), "name", name)
        yield f"called {called!r} in its place", partial(_say, one, ("local",), "name", name)
        yield f"called {called!r} in the directory", partial(_say, one, ("listed",), "name", name)
    yield from _of_streams(one)
    yield from _of_places(one, other, folder)
    yield from _of_ends()


def _say(number: int, where: tuple[str, ...], field: str, value: object, archive: Zip) -> None:
    member = archive.members[number]
    for header in where:
        getattr(member, header)[field] = value


def _values_of(field: str) -> list[object]:
    values: dict[str, list[object]] = {
        "made": [20, 0x30A, 0xFFFF],
        "needs": [10, 45, 63],
        "flags": [0x800, 1, 8, 0x2000, 0x40, 0xFFFF],
        "method": [0, 9, 12, 14, 99],
        "time": [1],
        "date": [34],
        "crc": [0, 0xFFFFFFFF],
        "packed": [0, 1, 0xFFFFFFFF],
        "size": [0, 1, 0xFFFFFFFF],
        "comment": [b"x", b"PK\5\6"],
        "disk": [1, 0xFFFF],
        "internal": [1],
        "external": [0, 0o120777 << 16, 0o040755 << 16 | 16, 0o104755 << 16, 0o100644 << 16 | 1, 0o010644 << 16],
        "offset": [0, 1, 0xFFFFFFFF],
    }
    return values[field]


def _extras(one: Packed, other: Packed) -> Iterator[tuple[str, bytes]]:
    size, packed = len(one.content), len(one.stream())
    yield "another name for Unicode", unicode_path(other.name, one.name)
    yield "the same name for Unicode", unicode_path(one.name, one.name)
    yield "lengths of 64 bits", struct.pack("<HHQQ", 1, 16, size, packed)
    yield "other lengths of 64 bits", struct.pack("<HHQQ", 1, 16, size + 1, packed)
    yield "times", struct.pack("<HHBL", 0x5455, 5, 1, 0)
    yield "owners", struct.pack("<HHBBLBL", 0x7875, 11, 1, 4, 0, 4, 0)
    yield "an encryption", struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 8)
    yield "something unknown", struct.pack("<HH4s", 0xCAFE, 4, b"more")
    yield "half a field", b"\1\0"
    yield "padding", bytes(4)


def _names(name: str, folder: str) -> list[bytes]:
    inner = name.partition("/")[2]
    file = inner.rpartition("/")[2]
    said = [
        f"{folder}/{inner.upper()}",
        f"{folder}/./{inner}",
        f"{folder}//{inner}",
        f"{folder}/x/../{inner}",
        f"../{inner}",
        f"/{name}",
        f"C:/{inner}",
        name.replace("/", "\\"),
        f"{name}.",
        f"{name} ",
        f"{name}/",
        f"{name}\0.txt",
        f"{folder}/data/nul",
        f"{folder}/data/COM1.txt",
        f"{folder}/data/.{file}",
        f"other/{inner}",
        f"{folder}/bagit.txt",
        f"{folder}/bagit.txt/x",
        f"{folder}/BagIt.txt",
        unicodedata.normalize("NFD", f"{folder}/data/\u00e9"),
        f"{folder}/data/\u00e9",
        f"{folder}/data/x\u202egnp.js",
        f"{folder}/{'x' * 400}",
        "",
    ]
    return [one.encode() for one in said] + [name.encode() + b"\xff"]


def _of_streams(one: int) -> Iterator[tuple[str, ZipChange]]:
    def stream(make: Callable[[bytes], bytes]) -> ZipChange:
        def change(archive: Zip) -> None:
            member = archive.members[one]
            member.packed = make(member.stream())

        return change

    def otherwise(archive: Zip) -> None:
        for member in archive.members:
            member.method = 0

    def content(archive: Zip) -> None:
        member = archive.members[one]
        member.local["crc"] = member.listed["crc"] = member.values()["crc"]
        member.content = bytes([member.content[0] ^ 1]) + member.content[1:]

    def earlier(archive: Zip) -> None:
        member = archive.members[one]
        lengths = struct.pack("<HHQQ", 1, 16, len(member.content), len(member.stream()))
        member.local |= {"needs": 45, "packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra": lengths}
        member.listed |= {"needs": 45, "made": 0x32D}

    yield "a header as earlier versions wrote it", earlier
    yield "bytes behind a packed stream", stream(lambda packed: packed + b"more")
    yield "two packed streams", stream(lambda packed: packed * 2)
    yield "a packed stream cut off", stream(lambda packed: packed[:-2])
    yield "an empty packed stream", stream(lambda _packed: b"")
    yield "a packed stream that is none", stream(lambda _packed: b"\xff" * 20)
    yield "another content under its checksum", content
    yield "packed otherwise", otherwise


def _of_places(one: int, other: int, folder: str) -> Iterator[tuple[str, ZipChange]]:
    def change(do: Callable[[Zip], object]) -> ZipChange:
        def apply(archive: Zip) -> None:
            do(archive)

        return apply

    def descriptor(archive: Zip) -> None:
        member = archive.members[one]
        said = member.values()
        member.local |= {"flags": 8, "crc": 0, "packed": 0, "size": 0}
        member.listed |= {"flags": 8}
        member.behind = struct.pack("<4s3L", b"PK\7\10", said["crc"], said["packed"], said["size"])

    def hidden(archive: Zip) -> None:
        archive.members.append(Packed(f"{folder}/data/hidden".encode(), b"x"))
        archive.listed = list(range(len(archive.members) - 1))

    def listed_twice(archive: Zip) -> None:
        archive.listed = [*range(len(archive.members)), one]

    def in_another_order(archive: Zip) -> None:
        order = list(range(len(archive.members)))
        order[one], order[other] = order[other], order[one]
        archive.listed = order

    def overlapping(archive: Zip) -> None:
        places, at = [], 0
        for member in archive.members:
            places.append(at)
            at += 30 + len(member.name) + len(member.stream())
        archive.members[one].listed["offset"] = places[other]

    def twice(archive: Zip) -> None:
        archive.members.append(Packed(archive.members[one].name, b"another"))

    yield "a length told behind a member", descriptor
    yield "a member that the directory does not list", hidden
    yield "a member that is listed twice", listed_twice
    yield "a directory in another order", in_another_order
    yield "two members in one place", overlapping
    yield "two members of one name", twice
    yield "a gap behind a member", change(lambda archive: setattr(archive.members[one], "behind", b"gap"))
    yield "a gap before the directory", change(lambda archive: setattr(archive, "between", b"gap"))
    yield "bytes before it", change(lambda archive: setattr(archive, "before", b"#!/bin/sh\n"))
    yield "bytes behind it", change(lambda archive: setattr(archive, "behind", b"more"))
    yield (
        "a folder as a member",
        change(lambda archive: archive.members.append(Packed(f"{folder}/x/".encode(), b"", 0))),
    )
    yield "no member", change(lambda archive: archive.members.clear())


def _of_ends() -> Iterator[tuple[str, ZipChange]]:
    def end(**said: object) -> ZipChange:
        return lambda archive: archive.end.update(said)

    def second(archive: Zip) -> None:
        archive.behind = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, len(archive.data()), 0)

    def second_before(archive: Zip) -> None:
        archive.between = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)

    def large(archive: Zip) -> None:
        archive.large = True

    def full(archive: Zip) -> None:
        archive.large = True
        archive.end |= {"here": 0xFFFF, "count": 0xFFFF, "length": 0xFFFFFFFF, "start": 0xFFFFFFFF}

    yield "a comment", end(comment=b"abc")
    yield "a comment with an end in it", end(comment=struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0))
    for field, values in (
        ("disk", (1, 0xFFFF)),
        ("start_disk", (1, 0xFFFF)),
        ("here", (0, 1, 0xFFFF)),
        ("count", (0, 1, 0xFFFF)),
        ("length", (0, 1, 0xFFFFFFFF)),
        ("start", (0, 1, 0xFFFFFFFF)),
    ):
        for value in values:
            yield f"{field} {value:#x} in the end", end(**{field: value})
    yield (
        "fewer members by its end",
        lambda archive: archive.end.update(here=len(archive.members) - 1, count=len(archive.members) - 1),
    )
    yield "a second end behind it", second
    yield "a second end before the directory", second_before
    yield "a large end where none is needed", large
    yield "only a large end where none is needed", full
