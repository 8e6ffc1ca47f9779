#!/usr/bin/env python3
"""Verify a bundle of annexd with Python 3.8 and openssl 3.0 or later, and nothing else: no network, nothing unpacked.

    python3 -I verify.py BUNDLE --key KEY [--previous OLD] [--tsa-ca ROOT.pem]

BUNDLE is the zip, or the folder that it was unpacked to. KEY is the verifier key of the log (NAME+ID+KEY), or a file
with it; it has to come from elsewhere than the bundle. OLD is an earlier bundle of the same log, or its checkpoint.
Ends with 0 and a line that begins with PASS, or with 1 and the first thing that does not hold; a receipt that is
missing is such a thing. Ends with 2 and a line that begins with UNKNOWN where it could not look, as without openssl.
VERIFY.md explains it.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import datetime, timedelta

MANIFEST, TAGS, SIGNATURE = "manifest-sha256.txt", "tagmanifest-sha256.txt", "bundle.sig"
MOST, LEAVES_A_FILE, LIMIT = 500_000, 10_000, 64 << 20
SAMPLES = "proof/samples.jsonl"
CONFIGURATION = "proof/configuration.json"
EVIDENCE = "evidence-proof.json"
FULL, FORM = 0xFFFFFFFF, " is described as no export describes a member of a zip"
SAFE = re.compile(r"[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*(?<!\.)(/[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*(?<!\.))*")
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
LEAVES, RECEIPT, MISSING = "leaves/%09d.txt", "receipt/", "receipt/missing.txt"
INFO = re.compile("([A-Za-z-]+): ([^\x00-\x1f\x7f-\x9f\u2028\u2029]*)")
HIDDEN = re.compile(rb"sha256:[0-9a-f]{64}")
SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of an Ed25519 key in DER


class Bad(Exception):
    """The first thing that does not hold."""


class Unable(Exception):
    """Something that this takes is not here: nothing is known of the bundle."""


def need(holds, message):
    if not holds:
        raise Bad(message)


# Files: in a zip or a folder, read where they lie -------------------------------------------------------------------


class Folder:
    def __init__(self, root):
        inside = os.listdir(root)
        first = os.path.join(root, inside[0]) if len(inside) == 1 else ""
        if first and os.path.isdir(first) and not os.path.islink(first):
            root = first
        self.root, self.sizes, self.old = root, {}, False
        for where, folders, names in os.walk(root):
            for name in folders + names:
                path = os.path.join(where, name)
                inner = os.path.relpath(path, root).replace(os.sep, "/")
                need(not os.path.islink(path), inner + " is a link")
                if name in names:
                    need(os.path.isfile(path), inner + " is no regular file")
                    self.sizes[inner] = os.path.getsize(path)
        check_names(self.sizes)

    def close(self):
        pass

    def open(self, path):
        need(path in self.sizes, path + " is missing")
        return open(os.path.join(self.root, path), "rb")


class Zip:
    """A zip in the form that export writes, and no other: each byte is content, or the one that has to be there.

    So no two programs can read two bundles out of one file. `old`: it is in the form before receipts, in which the
    header of a member may say its length in an extra field.
    """

    def __init__(self, file):
        self.file, self.members, self.old = file, {}, False
        size = file.seek(0, 2)
        file.seek(max(size - 98, 0))
        end = file.read()
        need(end[-22:-18] == b"PK\5\6", "this is no zip that ends where it has to")
        count, length, start = struct.unpack("<H2L", end[-12:-2])
        last = b""
        if count == 0xFFFF or FULL in (length, start):
            need(len(end) == 98, "the zip says that it has a large directory, and has none")
            count, length, start = struct.unpack("<3Q", end[32:56])
            need(count >= 0xFFFF or max(length, start) >= FULL, "the zip has a large directory, and needs none")
            last = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
            last += struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
        need(0 < count <= MOST and length <= MOST * 400, "the zip has %d members; %d are read at most" % (count, MOST))
        few = min(count, 0xFFFF)
        last += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, min(length, FULL), min(start, FULL), 0)
        need(end.endswith(last), "the zip ends as none that export writes")
        need(start + length + len(last) == size, "the zip has bytes that belong to none of its members")
        file.seek(start)
        directory, at, total = io.BytesIO(file.read(length)), 0, 0
        for _ in range(count):
            name, (needs, method, crc, packed, size_of, offset), head = self.entry(directory)
            need(offset == at, name + " does not begin where the member before it ends")
            file.seek(at)
            long = file.read(len(head) + 20)
            plain = needs == 20 or (offset >= 1 << 31 and max(packed, size_of) < FULL)
            if not plain or long[: len(head)] != head:
                need(needs == 45, name + " is another in its place than is listed")
                head = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, method, 0, 33, crc, FULL, FULL, len(name), 20)
                head += name.encode() + struct.pack("<HHQQ", 1, 16, size_of, packed)
                need(long + file.read(len(head) - len(long)) == head, name + " is another in its place than is listed")
                self.old = True
            at += len(head)
            need(method == 8 or packed == size_of, name + " is stored and has two lengths")
            need(name not in self.members, "two members of the zip are called " + name)
            self.members[name] = (at, method, crc, packed, size_of)
            at, total = at + packed, total + size_of
        need(at == start and not directory.read(1), "the zip has bytes that belong to none of its members")
        need(total <= size * 250 + (256 << 20), "the zip of %d bytes says it unpacks to %d" % (size, total))
        tops = {name.partition("/")[0] for name in self.members}
        check_names(self.members)
        need(len(tops) == 1 and tops.pop() + "/" in name, "the zip has not one folder at its top")
        self.members = {name.partition("/")[2]: member for name, member in self.members.items()}
        self.sizes = {path: member[-1] for path, member in self.members.items()}

    def entry(self, directory):
        """Read an entry of the directory; return name, values, and the header that has to stand before the content."""
        there = directory.read(46)
        need(len(there) == 46, "the directory of the zip ends early")
        needs, method, crc, packed, size, long, more, offset = struct.unpack("<6xH2xH4x3L2H10xL", there)
        raw, extra, numbers = directory.read(long), directory.read(more), [size, packed, offset]
        need(re.fullmatch(rb"[!-~]+", raw), "a member has the name %.80r" % raw)
        name = raw.decode("ascii")
        large = [place for place in range(3) if numbers[place] == FULL]
        if large:  # what needs more than 32 bits stands in an extra field; old versions did so from 31 bits on
            need(extra[:4] == struct.pack("<HH", 1, 8 * len(large)) and len(extra) == 4 + 8 * len(large), name + FORM)
            for place, number in zip(large, struct.unpack("<%dQ" % len(large), extra[4:])):
                numbers[place] = number
            need(max(numbers[place] for place in large) >= 1 << 31, name + FORM)
        same = (0, method, 0, 33, crc, packed, size, long)
        made = struct.pack("<4s6H3L5H", b"PK\1\2", 0x300 | needs, needs, *same, more, 0, 0, 0)
        made += struct.pack("<2L", 0o100644 << 16, offset)
        need(there == made and method in (0, 8) and bool(large) == bool(extra), name + FORM)
        need(needs == 45 or (needs == 20 and not large), name + FORM)
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, *same, 0) + raw
        return name, (needs, method, crc, numbers[1], numbers[0], numbers[2]), head

    def close(self):
        self.file.close()

    def open(self, path):
        need(path in self.members, path + " is missing")
        return io.BufferedReader(Member(self.file, path, *self.members[path]), 1 << 18)


class Member(io.RawIOBase):
    """The content of a member; at its end length and checksum have to fit, and no byte may be left."""

    def __init__(self, file, path, at, method, crc, packed, size):
        self.file, self.path, self.at, self.crc, self.left, self.size = file, path, at, crc, packed, size
        self.inflate, self.waiting, self.made = zlib.decompressobj(-15) if method else None, b"", 0

    def readable(self):
        return True

    def readinto(self, into):
        data = b""
        while not data and not (self.inflate.eof if self.inflate else not self.left and not self.waiting):
            if not self.waiting and self.left:
                self.file.seek(self.at)
                self.waiting = self.file.read(min(self.left, 1 << 16))
                need(self.waiting, self.path + " is cut off")
                self.at, self.left = self.at + len(self.waiting), self.left - len(self.waiting)
            if self.inflate:
                had = self.waiting
                data = self.inflate.decompress(had, len(into))
                self.waiting = self.inflate.unconsumed_tail
                need(data or had or self.inflate.eof, self.path + " is cut off")
            else:
                data, self.waiting = self.waiting[: len(into)], self.waiting[len(into) :]
        into[: len(data)] = data
        self.made, self.size = zlib.crc32(data, self.made), self.size - len(data)
        need(self.size >= 0, self.path + " is longer than is listed")
        if not data:
            rest = self.left or self.waiting or (self.inflate and self.inflate.unused_data)
            need(not rest and self.size == 0, self.path + " has another length than is listed")
            need(self.made == self.crc, self.path + " has another checksum than is listed")
        return len(data)


def check_names(names):
    """Refuse names that are not the same on every system: of devices, in another case, of a folder and a file."""
    seen = set()
    for name in names:
        need(SAFE.fullmatch(name) and len(name) <= 300, "a file has the name %.80r" % name)
        need(not any(DEVICE.fullmatch(part) for part in name.split("/")), "a file has the name of a device: " + name)
        need(name.lower() not in seen, "two files are called %s, or so on some systems" % name)
        seen.add(name.lower())
    for name in names:
        above = name.lower().rpartition("/")[0]
        while above:
            need(above not in seen, "%s is a file and a folder" % above)
            above = above.rpartition("/")[0]


def opened(path):
    if os.path.isdir(path):
        return Folder(path)
    file = open(path, "rb")
    try:
        return Zip(file)
    except BaseException:
        file.close()
        raise


def text(files, path):
    need(files.sizes.get(path, 0) <= LIMIT, path + " is too long")
    with files.open(path) as file:
        return file.read(LIMIT).decode("utf-8")


def lines(files, path, limit=LIMIT):
    with files.open(path) as file:
        while True:
            line = file.readline(limit)
            if not line:
                return
            if not line.endswith(b"\n"):
                raise Bad(path + " has a line that is too long, or is not ended")
            yield line[:-1]


def load(data):
    """Read JSON that every program reads alike: UTF-8, no key twice, no NaN, no half of a character."""
    said = data if isinstance(data, str) else data.decode("utf-8")
    made = json.loads(said, object_pairs_hook=one_each, parse_constant=no_number)
    if "\\u" in said:
        json.dumps(made, ensure_ascii=False).encode("utf-8")
    return made


def one_each(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Bad("an object in JSON has a key twice: %.200r" % [key for key, _ in pairs])
    return made


def no_number(word):
    raise Bad(word + " is no number in JSON")


def digest(files, path):
    made, size = hashlib.sha256(), 0
    with files.open(path) as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            made.update(block)
            size += len(block)
    return made.hexdigest(), size


def check_bag(files):
    """Every file is listed, is there and has its digest (RFC 8493); nothing else is there but receipt/."""
    need(text(files, "bagit.txt") == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "bagit.txt is another")
    listed = {}
    for manifest in (MANIFEST, TAGS):
        last = ""
        for line in lines(files, manifest):
            found = re.fullmatch(rb"([0-9a-f]{64})  ([!-~]+)", line)
            need(found, manifest + " has a line that is none of a digest and a path")
            path = found.group(2).decode()
            need(path > last and path.startswith("data/") == (manifest == MANIFEST), manifest + " lists " + path)
            last, listed[path] = path, found.group(1).decode()
    outside = {TAGS, SIGNATURE, *(path for path in [*files.sizes, *listed] if path.startswith(RECEIPT))}
    need(not outside & set(listed), TAGS + " lists what it must not")
    there = set(files.sizes) - outside
    for path in sorted(set(listed) ^ there):
        raise Bad(path + (" is listed and not there" if path in listed else " is there and not listed"))
    total = 0
    for path in sorted(listed):
        made, size = digest(files, path)
        total += size if path.startswith("data/") else 0
        need(made == listed[path], "%s has the digest sha256:%s, and is listed with %s" % (path, made, listed[path]))
    oxum = "%d.%d" % (total, sum(path.startswith("data/") for path in listed))
    info = {}
    for line in text(files, "bag-info.txt").split("\n")[:-1]:
        found = INFO.fullmatch(line)
        need(
            found and found.group(1).lower() not in info, "bag-info.txt has a line that is none, or twice: %.80r" % line
        )
        info[found.group(1).lower()] = found.group(2)
    need(info.get("payload-oxum") == oxum, "bag-info.txt does not say " + oxum)
    return listed


# Keys, notes and checkpoints (C2SP) ----------------------------------------------------------------------------------


def unbase64(said, what):
    try:
        data = base64.b64decode(said, validate=True)
    except ValueError:
        raise Bad(what + " is not base64") from None
    need(base64.b64encode(data).decode() == said, what + " is not written as base64 is written")
    return data


def read_key(said):
    name, _, rest = said.strip().partition("+")
    key_id, _, public = rest.partition("+")
    data = unbase64(public, "the verifier key")
    need(re.fullmatch(r"[^\s+\x00-\x1f]{1,255}", name) and len(data) == 33 and data[:1] == b"\1", "that is no key")
    need(
        hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] == key_id,
        "the verifier key is not the one it says",
    )
    return name, key_id, data[1:], said.strip()


def signed_by(note, key, what):
    """Raise unless the key has signed the note; return the text that is signed."""
    need(len(note) <= 1 << 20, what + " is too long")
    body, parted, signatures = note.rpartition("\n\n")
    need(parted and signatures.endswith("\n") and signatures.count("\n") <= 100, what + " is no signed note")
    held = False
    for line in signatures[:-1].split("\n"):
        need(line.startswith("\u2014 "), what + " has a line that is no signature")
        name, _, encoded = line[2:].partition(" ")
        data = unbase64(encoded, "the signature of " + name)
        if (name, data[:4].hex()) == (key[0], key[1]):
            need(
                openssl_verifies(key[2], (body + "\n").encode(), data[4:]),
                "%s: the signature of %s is over another text" % (what, name),
            )
            held = True
    need(held, what + " is not signed by " + key[3])
    return body + "\n"


def openssl(*words, **files):
    """Run openssl among files with these contents."""
    try:
        with tempfile.TemporaryDirectory() as place:
            for name, data in files.items():
                with open(os.path.join(place, name), "wb") as file:
                    file.write(data)
            return subprocess.run(["openssl", *words], cwd=place, capture_output=True)
    except OSError as error:
        raise Unable("openssl cannot be run: %s" % error) from None


def openssl_verifies(public, said, signature):
    words = ["-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "text", "-sigfile", "sig"]
    return openssl("pkeyutl", *words, key=SPKI + public, text=said, sig=signature).returncode == 0


def check_openssl():
    """Raise Unable unless the openssl here takes a signature that holds, and none that does not (RFC 8032, 7.1)."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    if not openssl_verifies(public, b"\x72", signature) or openssl_verifies(public, b"\x73", signature):
        found = openssl("version").stdout.decode("utf-8", "replace").strip() or "the one here"
        raise Unable("openssl cannot verify signatures of Ed25519: it takes OpenSSL 3.0 or later, and this is " + found)


def checkpoint(note, what):
    parts = (note.rpartition("\n\n")[0] + "\n").split("\n")
    need(len(parts) >= 4 and parts[0] and re.fullmatch(r"0|[1-9][0-9]{0,18}", parts[1]), what + " is no checkpoint")
    root = unbase64(parts[2], what + ": its root")
    need(len(root) == 32, what + " has no root of 32 bytes")
    return parts[0], int(parts[1]), root


# The tree (RFC 6962) and its leaves ----------------------------------------------------------------------------------


class Stack:
    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, hashed, leaves=1):
        self.size += leaves
        parts = self.parts
        while parts and parts[-1][0] == leaves:
            hashed = hashlib.sha256(b"\1" + parts.pop()[1] + hashed).digest()
            leaves *= 2
        parts.append((leaves, hashed))

    def root(self):
        made = self.parts[-1][1] if self.parts else hashlib.sha256().digest()
        for _, part in reversed(self.parts[:-1]):
            made = hashlib.sha256(b"\1" + part + made).digest()
        return made


def leaf_lines(files, top="proof/"):
    for path in sorted(path for path in files.sizes if path.startswith(top + "leaves/")):
        for line in lines(files, path, 1 << 17):
            yield path, line


def check_leaves(files, tree, take, top="proof/"):
    """Go through the tree from left to right, hand each leaf to `take`, and return the roots at the cuts."""
    stack, roots, cuts = Stack(), {}, set(tree["cuts"])
    left, hashes = leaf_lines(files, top), iter(tree["hashes"])
    starts, ends = {span[0] for span in tree["wanted"]}, {span[1] for span in tree["wanted"]}
    flat = [one for span in tree["wanted"] for one in span]
    need(flat and flat == sorted(set(flat)) and flat[0] >= 0 and flat[-1] <= tree["size"], "the tree's ranges are none")
    borders, wanted = sorted({0, tree["size"], *flat, *(one for one in cuts if one < tree["size"])}), False
    for start, end in zip(borders, borders[1:]):
        wanted, at = start in starts or (wanted and start not in ends), start
        if wanted:
            for index in range(start, end):
                path, line = next(left, ("", b""))
                number, _, data = line.partition(b" ")
                if number != b"%d" % index or path != top + LEAVES % (index // LEAVES_A_FILE * LEAVES_A_FILE):
                    raise Bad("leaf %d is missing in %s" % (index, path or top + "leaves"))
                if HIDDEN.fullmatch(data):
                    stack.add(bytes.fromhex(data[7:].decode()))
                    take(index, None)
                else:
                    stack.add(hashlib.sha256(b"\0" + data).digest())
                    take(index, load(data))
                if stack.size in cuts:
                    roots[stack.size] = stack.root()
        while not wanted and at < end:
            fits = 1 << ((end - at).bit_length() - 1)
            size = min(at & -at or fits, fits)
            said = next(hashes, "")
            need(re.fullmatch("[0-9a-f]{64}", said), "the tree has too few hashes, or one that is none")
            stack.add(bytes.fromhex(said), size)
            at += size
        if end in cuts:
            roots[end] = stack.root()
    need(next(left, None) is None, "there are more leaves than the tree has a place for")
    need(next(hashes, None) is None, "the tree has more hashes than it takes")
    return roots


# What the leaves say, and what the bundle holds ----------------------------------------------------------------------


class Record:
    def __init__(self, files, listed, place):
        self.files, self.listed, self.place = files, listed, place
        self.store = self.export = None
        self.keys, self.times, self.hidden, self.shown = [], {}, [], 0
        self.named, self.payloads, self.attached, self.erased = set(), set(), set(), {}
        self.tasks, self.findings = {}, {}
        self.sample, self.draw, self.stated = SAMPLES in files.sizes, None, set()

    def take(self, index, leaf):
        place = self.place
        if leaf is None:
            self.hidden.append(index)
            return
        self.shown += 1
        self.store = self.store or leaf["store"]
        if leaf["i"] != index or leaf["v"] != 1 or leaf["store"] != self.store:
            raise Bad("leaf %d says that it is another" % index)
        if index in (place["first"] - 1, place["end"], place["bound"], place["bound"] + 1):
            self.times[index] = moment(leaf["at"])
        kind, fact = leaf["k"], leaf.get("fact")
        if kind == "attested":
            if fact is None:
                fact = self.payload(leaf["fact_in"])[0]
            if fact["attestation"].get("digest"):
                self.attached.add(fact["attestation"]["digest"])
            return
        if "fact_in" in leaf:
            self.payloads.add(leaf["fact_in"])
            (fact,) = self.payload(leaf["fact_in"])
        if "rows_in" in leaf:
            self.name(leaf["rows_in"]["payloads"], leaf["rows_in"].get("above", 0))
        if kind in ("genesis", "key", "restore"):
            self.keys.append((index, read_key(fact["key"])))
        elif kind == "task":
            self.named.update(fact.get("facts", ()))
            self.named.update(row[2] for row in self.rows(leaf) if row[2] is not None)
            task = fact["observation"]["task"]
            task = (task["source"], task["collection"], tuple(task["scope"]))
            if self.sample:
                self.stated.update((index, task, row[0], row[2]) for row in self.rows(leaf))
            if index <= place["bound"]:
                before = self.tasks.get(task, (index, None, ""))
                whole = (index, fact["inventory"]) if fact.get("inventory") else before[:2]
                self.tasks[task] = (*whole, fact["observation"]["outcome"])
        elif kind == "tasks":
            self.named.update(fact.get("facts", ()))
        elif kind == "judged" and index <= place["bound"]:
            for row in self.rows(leaf):
                one, now = row["id"], row.get("now")
                key = (one["check"], one["source"], tuple(one["scope"]), one["subject"])
                self.findings[key] = (index, None if now is None else verdict(now))
        elif kind == "erasure":
            for one in self.rows(leaf):
                self.erased.setdefault(one, index)
        elif kind == "operator_act" and index == place["export_leaf"]:
            self.export = fact
        elif kind == "operator_act" and self.sample and index == place["first"]:
            self.draw = fact

    def rows(self, leaf):
        if "rows_in" not in leaf:
            return leaf.get("rows") or []
        return self.below(leaf["rows_in"]["payloads"], leaf["rows_in"].get("above", 0))

    def below(self, payloads, above):
        for one in payloads:
            for row in self.below(self.payload(one), above - 1) if above > 0 else self.payload(one):
                yield row

    def name(self, payloads, above):
        for one in payloads:
            need(one not in self.payloads, "the payload %s is named twice" % one)
            self.payloads.add(one)
            if above > 0:
                self.name(self.payload(one), above - 1)

    def payload(self, said):
        path = "data/payloads/%s.json" % said[7:]
        need(self.listed.get(path) == said[7:], "the payload %s, which a leaf names, is not there" % said)
        return load(text(self.files, path))["rows"]


def check_hidden(hidden, said):
    """Log entries about evidence requests of other audits: the one of the export says which are left out."""
    spans = []
    if re.fullmatch("[0-9]{1,15}(-[0-9]{1,15})?(,[0-9]{1,15}(-[0-9]{1,15})?)*", said):
        spans = sorted((int(one.partition("-")[0]), int(one.rpartition("-")[2])) for one in said.split(","))
    at = 0
    for leaf in hidden:
        while at < len(spans) and spans[at][1] < leaf:
            at += 1
        need(at < len(spans) and spans[at][0] <= leaf, "leaf %d is hidden, and is not withheld" % leaf)


def moment(said):
    return datetime.strptime(said[:-1] + ("" if "." in said else ".0"), "%Y-%m-%dT%H:%M:%S.%f")


def verdict(one):
    said = [one["status"], one["reason"], one["limits"], one["evidence"], one["observed_at"]]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def check_contents(files, listed, record, withholds):
    """What leaves name is there and is that, or is listed as absent for a reason; nothing else is there."""
    wanted = {"data/inventory/%d.jsonl" % leaf: root for leaf, root, _ in record.tasks.values() if root}
    need(
        wanted.keys() == {path for path in listed if path.startswith("data/inventory/")},
        "the lists are of other leaves",
    )
    for path, root in wanted.items():
        stack = Stack()
        for line in lines(files, path):
            stack.add(hashlib.sha256(b"\0" + line).digest())
            record.named.add(load(line)[1])
        made = "sha256:" + stack.root().hex()
        need(made == root, "%s has the root %s, and its leaf states %s" % (path, made, root))
    absent = {}
    for line in lines(files, "proof/absent.jsonl"):
        one, why, leaf = load(line)
        need(
            why in ("erased", "withheld", "not drawn") and one in (record.named | record.attached),
            one + " is absent, and not named",
        )
        excused = record.erased.get(one) == leaf if why == "erased" else withholds
        need(record.sample if why == "not drawn" else excused, one + " is absent without a reason")
        absent[one] = why
    held = {"evidence": set(), "facts": set(), "payloads": set(), "attachments": set()}
    shapes = {"evidence": "%.2s/%s.json", "facts": "%.2s/%s.json", "payloads": "%.0s%s.json", "attachments": "%.0s%s/"}
    for path, made in listed.items():
        top, _, rest = path.partition("/")
        folder = rest.partition("/")[0]
        if top == "data" and folder in held:
            name = "data/%s/" % folder + shapes[folder] % (made, made)
            named = path.startswith(name) and path.count("/") == 3 if folder == "attachments" else path == name
            need(named, path + " is called otherwise than its digest")
            held[folder].add("sha256:" + made)
    bodies = held["evidence"] | held["facts"]
    for what, one, other in (
        ("body", bodies | (set(absent) - record.attached), record.named),
        ("payload", held["payloads"], record.payloads),
        ("file", held["attachments"] | (set(absent) & record.attached), record.attached),
    ):
        for each in sorted(one ^ other):
            raise Bad(
                "the %s %s is %s" % (what, each, "named and not there" if each in other else "there and not named")
            )
    need(not bodies & set(absent), "a body is said to be absent, and is there")
    return len(bodies), len(wanted), absent


def check_findings(files, record):
    """Each finding is the last thing that the leaves say of it, and none that stands is missing."""
    path, hidden = "data/state/findings.jsonl", {one for one in record.hidden if one <= record.place["bound"]}
    left = {key: leaf for key, (leaf, said) in record.findings.items() if said is not None}
    seen = set()
    proven = unproven = 0
    for line in lines(files, path) if path in files.sizes else ():
        one = load(line)
        key = (one["check"], one["source"], tuple(one["scope"]), one["subject"])
        need(key not in seen, "%s: %s on %r stands there twice" % (path, key[0], key[3]))
        seen.add(key)
        if one["leaf"] in hidden:
            later = record.findings.get(key, (-1,))[0]
            need(one["leaf"] > later, "%s: %s on %r is older than what leaf %d says" % (path, key[0], key[3], later))
            unproven += 1
        else:
            stated = record.findings.get(key) == (one["leaf"], verdict(one))
            need(stated and key in left, "%s: %s on %r is not as the leaves say" % (path, key[0], key[3]))
            proven += 1
        left.pop(key, None)
    for key, leaf in left.items():
        need(leaf <= max(hidden, default=-1), "%s lacks %s on %r" % (path, key[0], key[3]))
    return proven, unproven


def check_sample(files, listed, record):
    """The items are those of the draw; a leaf states each, and a proof that stands alone leads to that leaf."""
    act, first = record.draw, record.place["first"]
    need(act is not None and act["act"] == "draw", "leaf %d is not one that states a draw" % first)
    about, wanted, items = act["about"], [], [load(line) for line in lines(files, SAMPLES)]
    for number, (source, scope, key, body) in enumerate(load(about["items"]), 1):
        wanted.append([number, about["kind"], source, scope, key, body])
    names = ("number", "kind", "source", "scope", "key", "digest")
    need([[one[name] for name in names] for one in items] == wanted, SAMPLES + " lists other items than were drawn")
    numbers, hashes = {first} | {one["leaf"] for one in items}, {}
    for _, line in leaf_lines(files):
        number, _, said = line.partition(b" ")
        if int(number) in numbers:
            hashes[int(number)] = hashlib.sha256(b"\0" + said).digest()
    check_proof(files, "proof/samples/draw.tlog-proof", first, hashes)
    for one in items:
        if one["leaf"] is not None:
            task = (one["source"], one["kind"], tuple(one["scope"]))
            stated = (one["leaf"], task, one["key"], one["digest"]) in record.stated
            need(stated, "leaf %d does not state %r with %s" % (one["leaf"], one["key"], one["digest"]))
            check_proof(files, "proof/samples/%d.tlog-proof" % one["number"], one["leaf"], hashes)
    for path in listed:
        if path.startswith("data/populations/") and path.endswith(".jsonl"):
            need("sha256:" + listed[path] == about["digest"], path + " is not what was drawn from")
            there = {tuple(map(str, load(line))) for line in lines(files, path)}
            for one in items:
                item = tuple(str(one[name]) for name in ("source", "kind", "scope", "key", "digest"))
                need(item in there, "%s does not have the item %r" % (path, one["key"]))
    return len(items), int(about["count"]), sum(one["leaf"] is None for one in items)


def check_proof(files, path, leaf, hashes):
    """Check a C2SP tlog-proof (RFC 9162, section 2.1.3.2)."""
    head, _, note = text(files, path).partition("\n\n")
    first, index, *above = head.split("\n")
    need((first, index) == ("c2sp.org/tlog-proof@v1", "index %d" % leaf), "%s is no proof of leaf %d" % (path, leaf))
    need(note == text(files, "proof/checkpoint"), path + " is under another head")
    _, size, root = checkpoint(note, path)
    need(leaf < size and leaf in hashes, "leaf %d is not there" % leaf)
    climb(hashes[leaf], leaf, size, [unbase64(said, path) for said in above], root, path)


def climb(made, at, size, above, root, path):
    """Raise unless hashes lead from the leaf `at` of a tree of `size` leaves to its root (RFC 9162, 2.1.3.2)."""
    last = size - 1
    for one in above:
        need(len(one) == 32 and last > 0, path + " has a hash too many, or one that is none")
        if at & 1 or at == last:
            made = hashlib.sha256(b"\1" + one + made).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            made = hashlib.sha256(b"\1" + made + one).digest()
        at, last = at >> 1, last >> 1
    need(last == 0 and made == root, path + " does not lead to the root of the head")


def verify_evidence(files, key):
    """One body: its digest is in a list, the root of the list in a leaf, and the leaf below a head that is signed."""
    said, hashed = load(text(files, EVIDENCE)), digest(files, "evidence.json")[0]
    one, (name, body, _) = load(text(files, "evidence.json")), load(said["line"])
    need(said["schema"] == "annexd.evidence-proof/1", "that is a proof of another kind")
    need(body == "sha256:" + hashed, "evidence.json has the digest %s, and the list %s" % (hashed, body))
    leaf, number, total = load(said["entry"]), said["number"], said["total"]
    fact = leaf.get("fact")
    if "fact_in" in leaf:
        payload = (said["payload"] or "").encode("utf-8")
        need(leaf["fact_in"] == "sha256:" + hashlib.sha256(payload).hexdigest(), "the payload is another one")
        fact = load(payload)["rows"][0]
    task, root = fact["observation"]["task"], fact.get("inventory") or ""
    need(
        leaf["k"] == "task" and task["collection"] == one["kind"] and one["key"] == name, "the leaf is of another body"
    )
    need(re.fullmatch("sha256:[0-9a-f]{64}", root), "leaf %d states no complete list" % leaf["i"])
    need(type(number) is type(total) is int and 0 <= number < total, "the line has no place in the list")
    line = hashlib.sha256(b"\0" + said["line"].encode("utf-8")).digest()
    climb(line, number, total, [bytes.fromhex(node) for node in said["path"]], bytes.fromhex(root[7:]), "the list")
    head, _, note = said["proof"].partition("\n\n")
    first, index, *above = head.split("\n")
    need((first, index) == ("c2sp.org/tlog-proof@v1", "index %d" % leaf["i"]), "that is no proof of the leaf")
    origin, size, top = checkpoint(note, "the head")
    need(leaf["i"] < size, "the head does not cover leaf %d" % leaf["i"])
    entry = hashlib.sha256(b"\0" + said["entry"].encode("utf-8")).digest()
    climb(entry, leaf["i"], size, [unbase64(node, "the proof") for node in above], top, "the proof")
    again = seen_again(said["again"], leaf["i"], note, size, top) if "again" in said else ""
    signed_by(note, key, "the head over %d leaves" % size)
    need(origin == key[0], "the head is not one of " + key[0])
    print("log         %s, %d leaves, root %s" % (origin, size, top.hex()))
    print("leaf        %d, made %s: %s %s" % (leaf["i"], leaf["at"], task["source"], task["collection"]))
    if again:
        print("again       " + again)
    print("PASS        %r, one of %d in a complete list" % (name, total))


def seen_again(said, own, note, size, top):
    """A later leaf, which collections share and the same head covers, has a row that names the leaf of the list."""
    leaf = load(said["entry"])
    head, _, under = said["proof"].partition("\n\n")
    first, index, *above = head.split("\n")
    need((first, index) == ("c2sp.org/tlog-proof@v1", "index %d" % leaf["i"]), "that is no proof of the later leaf")
    need(under == note, "the two leaves are not under the same head")
    need(leaf["k"] == "tasks" and own < leaf["i"] < size, "leaf %d is not a later one that is shared" % leaf["i"])
    entry = hashlib.sha256(b"\0" + said["entry"].encode("utf-8")).digest()
    climb(entry, leaf["i"], size, [unbase64(node, "again") for node in above], top, "again")
    rows = leaf.get("rows") or []
    if "rows_in" in leaf:
        made = ["sha256:" + hashlib.sha256(one.encode("utf-8")).hexdigest() for one in said["payloads"]]
        need(leaf["rows_in"]["payloads"] == made and not leaf["rows_in"].get("above"), "the rows are other ones")
        rows = [row for one in said["payloads"] for row in load(one)["rows"]]
    rows = [row for row in rows if row[0] == own]
    need(len(rows) == 1, "leaf %d does not say that the list of leaf %d was found again" % (leaf["i"], own))
    ended = moment(leaf["fact"]["since"]) + timedelta(microseconds=rows[0][1] + rows[0][2])
    return "%d, the same list was found until %sZ" % (leaf["i"], ended.isoformat())


def check_receipt(files, listed, record, key, head):
    """A later leaf states the digest of the lists, under a head that goes on from that of the bundle.

    Returns the leaf and the size of that head, or why there is none.
    """
    paths = sorted(path for path in files.sizes if path.startswith(RECEIPT))
    if record.export["about"].get("receipt") != "yes":
        need(not paths, "%s is there and not listed" % paths[:1])
        return None, "bundles of this version have none: only the signature binds what people read to the log"
    need(not files.old, "the zip is in the form of earlier versions, and the export is of a later one")
    if not paths:
        return None, "receipt/ is not there, and the leaf of the export says that it follows"
    if paths == [MISSING]:
        told = text(files, MISSING)[:300]
        return None, "the bundle says: " + " ".join("".join(one if one.isprintable() else " " for one in told).split())
    said = text(files, RECEIPT + "tree.json")
    tree, note = load(said), text(files, RECEIPT + "checkpoint")
    names = ["origin", "size", "wanted", "cuts", "hashes"]
    need(list(tree) == names and json.dumps(tree, separators=(",", ":")) + "\n" == said, "receipt/tree.json is another")
    origin, size, root = head
    need(note.rpartition("\n\n")[2].count("\n") == 1, "receipt/checkpoint has more than one signature")
    later, above, end = checkpoint(signed_by(note, key, "receipt/checkpoint") + "\n", "receipt/checkpoint")
    leaf, found = tree["wanted"][0][0], []
    need(
        tree["wanted"] == [[leaf, leaf + 1]] and tree["cuts"] == [size, above] and size <= leaf < above,
        "the receipt is not over the head of the bundle and a later one",
    )
    need((later, above) == (tree["origin"], tree["size"]) and later == origin, "the receipt is of another log")
    wanted = [RECEIPT + "checkpoint", RECEIPT + LEAVES % (leaf // LEAVES_A_FILE * LEAVES_A_FILE), RECEIPT + "tree.json"]
    need(paths == wanted, "the receipt consists of %s, and has to of %s" % (", ".join(paths), ", ".join(wanted)))
    roots = check_leaves(files, tree, lambda _, one: found.append(one), RECEIPT)
    need(roots[size] == root and roots[above] == end, "the receipt does not go on from the head of the bundle")
    need(found[0] is not None, "the leaf in the receipt is not shown")
    one, fact = found[0], found[0].get("fact") or {}
    ours = (leaf, record.store, "operator_act", "exported", str(record.place["export_leaf"]))
    about = fact.get("about", {})
    is_ours = (one["i"], one["store"], one["k"], fact.get("act"), about.get("export")) == ours
    need(is_ours, "leaf %d in the receipt does not state the end of this export" % leaf)
    made = "sha256:" + digest(files, TAGS)[0]
    if about["manifest"] != made:
        stated, there = load(about.get("parts", "{}")), parts_of(listed)
        changed = sorted(part for part in {*stated, *there} if stated.get(part) != there.get(part))
        changed = ", ".join(changed) or "the list of files"
        raise Bad(
            "%s: not as exported; the lists are %s, and leaf %d states %s" % (changed, made, leaf, about["manifest"])
        )
    return leaf, above


def parts_of(listed):
    """Return a digest over the listed lines of each file or folder of the first two levels."""
    parts = {}
    for path in sorted(listed):
        if path != MANIFEST:
            parts.setdefault("/".join(path.split("/")[:2]), []).append("%s  %s\n" % (listed[path], path))
    return {part: hashlib.sha256("".join(said).encode()).hexdigest() for part, said in parts.items()}


def check_range(record, tree, size):
    place, export = record.place, record.export
    first, end, bound = place["first"], place["end"], place["bound"]
    need(export is not None and export["act"] == "export", "no leaf says what was exported")
    need(0 <= first <= end <= size and first - 1 <= bound < end, "proof/range.json names a range that is none")
    need(any(one <= first and end <= other for one, other in tree["wanted"]), "the range is not all there")
    start, until = moment(export["about"]["start"]), moment(export["about"]["end"])
    at, blind = min(until, moment(export["at"])), False
    for index, fits in (
        (first - 1, lambda time: time < start),
        (end, lambda time: time > until),
        (bound, lambda time: time <= at),
        (bound + 1, lambda time: time > at),
    ):
        time = record.times.get(index)
        need(time is None or fits(time), "leaf %d was recorded at %s, which does not fit the range" % (index, time))
        need(time is not None or index in record.hidden or not 0 <= index < size, "leaf %d is not there" % index)
        blind = blind or (time is None and 0 <= index < size)
    return blind


def verify(files, key, previous, tsa_ca):
    listed = check_bag(files)
    notes = {}
    for path in ["proof/checkpoint"] + [path for path in files.sizes if path.startswith("proof/checkpoints/")]:
        note = text(files, path)
        origin, size, _ = checkpoint(note, path)
        need(
            path in ("proof/checkpoint", "proof/checkpoints/%d" % size) and size not in notes,
            path + " is of another size",
        )
        notes[size] = note
    origin, size, root = checkpoint(text(files, "proof/checkpoint"), "proof/checkpoint")
    tree, place = load(text(files, "proof/tree.json")), load(text(files, "proof/range.json"))
    need(tree["size"] == size == max(notes), "the tree is not of the size of the checkpoint")
    record = Record(files, listed, place)
    roots = check_leaves(files, tree, record.take)
    chain = [one for _, one in record.keys]
    need(key in chain, "the log is not signed by the key that you trust, " + key[3])
    for (_, old), (leaf, new) in zip(record.keys[chain.index(key) :], record.keys[chain.index(key) + 1 :]):
        above = min((one for one in notes if one > leaf), default=None)
        need(above is not None, "no head shows who handed over in leaf %d" % leaf)
        for one in (old, new):
            signed_by(notes[above], one, "the head over %d leaves" % above)
    for one, note in sorted(notes.items()):
        need(
            roots.get(one) == checkpoint(note, "a head")[2],
            "the first %d leaves have another root than was signed" % one,
        )
        name = note.partition("\n")[0]
        signer = [each for each in chain if "\u2014 %s %s" % (each[0], mark(each)) in note]
        need(signer, "the head over %d leaves is signed by no key of %s" % (one, name))
        signed_by(note, signer[-1], "the head over %d leaves" % one)
    signed_by(notes[size], chain[-1], "the checkpoint")
    need(origin == chain[-1][0], "the checkpoint is not one of " + chain[-1][0])
    wanted = "annexd bundle of %s\nsha256:%s\n" % (origin, digest(files, TAGS)[0])
    need(signed_by(text(files, SIGNATURE), chain[-1], SIGNATURE) == wanted, SIGNATURE + " is over another list")
    need(text(files, SIGNATURE).count("\n") == 4, SIGNATURE + " has more than one signature")
    earlier = []
    own = text(files, "proof/previous-checkpoint") if "proof/previous-checkpoint" in files.sizes else None
    for number, note in enumerate([*previous, own]):
        if note is not None:
            _, old, old_root = checkpoint(note, "the previous checkpoint")
            if number == 1 and note is not own and old not in roots:
                continue  # the receipt of a bundle that was exported at the same time may be under a later head
            signer = [each for each in chain if "\u2014 %s %s" % (each[0], mark(each)) in note]
            need(signer, "the previous checkpoint is signed by no key of this log")
            signed_by(note, signer[-1], "the previous checkpoint")
            need(old in roots, "the bundle does not prove what it has to do with the first %d leaves" % old)
            need(roots[old] == old_root, "the first %d leaves are others than in the previous bundle" % old)
            earlier.append(old)
    about = record.export["about"] if record.export else {}
    drawn = about.get("sample", "")
    need((drawn != "") == record.sample, "the leaf of the export and the files do not agree whether this is a sample")
    if record.sample:
        need(drawn == str(place["first"]), "the export is a sample of leaf %s" % drawn)
        items = check_sample(files, listed, record)
    else:
        blind = check_range(record, tree, size)
    need(record.export["act"] == "export", "no leaf says what was exported")
    withholds = about["withheld"] != "[]" or about["pseudonymised"] != "no"
    if not withholds and about["controls"] == "[]":
        check_hidden(record.hidden, str(about.get("requests_withheld", "")))
    bodies, inventories, absent = check_contents(files, listed, record, withholds)
    proven, unproven = check_findings(files, record)
    stated = about.get("configuration")
    need(
        listed.get(CONFIGURATION) == (None if stated is None else str(stated)[7:]),
        CONFIGURATION + " is not the one that the leaf of the export states",
    )
    receipt, why = check_receipt(files, listed, record, chain[-1], (origin, size, root))
    print("files       %d, each with its digest" % len(files.sizes))
    print("signed      by %s" % chain[-1][3])
    print("log         %s, %d leaves, root sha256:%s" % (origin, size, root.hex()))
    count, dark = place["end"] - place["first"], sum(place["first"] <= one < place["end"] for one in record.hidden)
    if record.sample:
        print("sample      drawn in leaf %s: %d items of %d, %d of them stated by no leaf" % (drawn, *items))
    else:
        said = (place["first"], place["end"] - 1, count, dark)
        whole = "its borders NOT PROVEN, for leaves there are hidden" if blind else "complete"
        print("range       %d to %d, %s: %d leaves, %d as hashes only" % (*said[:2], whole, *said[2:]))
    print("previous    %s" % (", ".join("goes on from %d leaves" % one for one in earlier) or "none was given"))
    for path in sorted(path for path in files.sizes if path.startswith("proof/anchors/")):
        print("stamped     " + check_stamp(files, path, notes, tsa_ca))
    outcomes = [one[2] for one in record.tasks.values()]
    print("tasks       " + ", ".join("%d %s" % (outcomes.count(one), one) for one in sorted(set(outcomes))))
    print("findings    %d stated by leaves, %d by leaves that are hashes only" % (proven, unproven))
    print("evidence    %d bodies and %d lists proven" % (bodies, inventories))
    print(
        "left out    %d erased, %d withheld, %d not drawn"
        % tuple(list(absent.values()).count(one) for one in ("erased", "withheld", "not drawn"))
    )
    if receipt is not None:
        print("receipt     leaf %d, under a head of %d leaves: these are the lists that were exported" % (receipt, why))
    else:
        print("receipt     NONE: " + why)
    print("not made    pages, workbook, CSV, OSCAL and OCSF are not rendered from the evidence again")
    print(
        "not proven  that platforms told the truth, what happened between observations, or that nobody else was shown"
    )
    print("            another log: compare size and root with others who were given one")
    need(
        receipt is not None or about.get("receipt") != "yes",
        "no receipt: nothing shows that what people read is what was exported; all else holds",
    )
    print("PASS        %s to %s" % (about["start"], about["end"]))


def mark(key):
    """Return how every signature of a key begins in base64: its first three bytes."""
    return base64.b64encode(bytes.fromhex(key[1])).decode()[:4]


def check_stamp(files, path, notes, tsa_ca):
    size = path[len("proof/anchors/") : -len(".tsr")]
    need(size.isdigit() and int(size) in notes, path + " is over a head that is not there")
    with files.open(path) as file:
        token = file.read(1 << 20)
    said = (notes[int(size)].rpartition("\n\n")[0] + "\n").encode()
    shown = openssl("ts", "-reply", "-in", "token", "-text", token=token)
    if shown.returncode != 0 and openssl("ts", "-help").returncode != 0:
        raise Unable("openssl cannot read time stamps: it was built without them")
    need(shown.returncode == 0, path + " is no time stamp")
    told = shown.stdout.decode("utf-8", "replace")
    dump = re.findall(r"^ +[0-9a-f]{4} - ([0-9a-f -]{47})", told, re.MULTILINE)
    imprint = re.sub("[^0-9a-f]", "", "".join(dump))[:64]
    need(imprint == hashlib.sha256(said).hexdigest(), path + " is over another checkpoint")
    at = re.search(r"^Time stamp: (.*)$", told, re.MULTILINE)
    if tsa_ca is None:
        return "over %s leaves, %s; by whom is not proven without --tsa-ca" % (size, at.group(1) if at else "?")
    need(at, path + " does not say when it was made")
    # By the certificates of that time: whoever verifies years later meets an authority whose certificate has expired.
    then = "%d" % calendar.timegm(time.strptime(re.sub(r"\.\d+", "", at.group(1)), "%b %d %H:%M:%S %Y GMT"))
    words = ["ts", "-verify", "-attime", then, "-data", "body", "-in", "token", "-CAfile", "root"]
    holds = openssl(*words, body=said, token=token, root=tsa_ca).returncode == 0
    need(holds, path + " does not hold against the root that was given")
    return "over %s leaves, %s, proven" % (size, at.group(1))


def heads_of(files):
    """Return the signed heads of an earlier bundle and of its receipt."""
    return [text(files, path) for path in ("proof/checkpoint", RECEIPT + "checkpoint") if path in files.sizes]


def given(path, most=1 << 20):
    """Return the first bytes of a file that was named. Raises Unable where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise Unable("%s cannot be read: %s" % (path, error.strerror)) from None


def main():
    parser = argparse.ArgumentParser(description="Verify a bundle of annexd, or one body with its proof.")
    parser.add_argument("bundle")
    parser.add_argument("--key", required=True, help="the verifier key, or a file with it; from another channel")
    parser.add_argument("--previous", help="an earlier bundle, or its checkpoint")
    parser.add_argument("--tsa-ca", help="the root certificate of the time-stamping authority, as PEM")
    said = parser.parse_args()
    try:
        check_openssl()
        key, previous = said.key, []
        if os.path.exists(key):
            key = given(key).decode("utf-8")
        tsa_ca = None if said.tsa_ca is None else given(said.tsa_ca)
        if said.previous is not None:
            start = b"PK" if os.path.isdir(said.previous) else given(said.previous, 1 << 16)
            previous = heads_of(opened(said.previous)) if start.startswith(b"PK") else [start.decode("utf-8")]
        if not os.path.isdir(said.bundle):
            given(said.bundle, 1)
        files = opened(said.bundle)
        if EVIDENCE in files.sizes:
            verify_evidence(files, read_key(key))
        else:
            verify(files, read_key(key), previous, tsa_ca)
    except Unable as error:
        print("UNKNOWN     %s" % error, file=sys.stderr)
        sys.exit(2)
    except Bad as error:
        sys.exit("FAIL        %s" % error)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, RuntimeError) as error:
        sys.exit("FAIL        the bundle cannot be read: %s: %s" % (type(error).__name__, error))
    except (
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        OverflowError,
        MemoryError,
    ) as error:
        sys.exit("FAIL        the bundle cannot be read: %s" % error)


if __name__ == "__main__":
    main()
