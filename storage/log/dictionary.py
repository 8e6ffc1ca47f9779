"""The compression dictionary of leaves: text that most leaves have in common, so that short leaves compress well.

A compressed leaf can be decompressed only with exactly the bytes of its dictionary: a dictionary never changes, and a
better one gets a new number.
"""

from __future__ import annotations

import zstandard

from storage.database.blobs import Decompressor, damaged

NEWEST = 1

_LARGEST = 1 << 20  # bytes of a leaf that somebody else wrote; ours have less than 64 KiB

# Keys and usual values, in the order of a leaf; the most frequent ones are last, where references are shortest.
_FIRST = (
    b'"retries":0,"statuses":{"200":1,"403":1,"404":1}},{"count":1,"first_id":null,"free":0,"last_id":null,'
    b'"operation":"Describe:Get:List","params":{},"every":"PT1H","outcome":"partial","outcome":"denied",'
    b'"outcome":"failed","outcome":"skipped","outcome":"not_run","facts":["sha256:"],"rows":[["'
    b'","appeared","sha256:",["","changed","sha256:",["","gone",null,null],"rows_in":{"above":0,"count":1,"payloads":["sha256:'
    b'{"at":"2026-01-01T00:00:00.000000Z","fact":{"appeared":0,"changed":0,"facts":[],"gone":0,"inventory":"sha256:'
    b'","observation":{"ended_at":"2026-01-01T00:00:00.000000Z","every":"P1D","listed":10,"needs":"",'
    b'"outcome":"complete","provenance":{"calls":[{"count":1,"first_id":"","free":0,"last_id":"",'
    b'"operation":"GET /","params":{"per_page":"100","MaxResults":"1000"},"retries":0,"statuses":{"200":1}}],'
    b'"code":"sha256:","connector":"aws 1","date":"2026-01-01T00:00:00Z","identity":"arn:aws:sts::000000000000:'
    b'assumed-role/annexd/annexd","pages":1,"redacted":{},"redaction":"sha256:","repeated":0,"requests":1,"total":null,'
    b'"total_from":null,"unread":{}},"run":"","started_at":"2026-01-01T00:00:00.000000Z","task":{"collection":"aws.iam.'
    b'","scope":["000000000000","eu-central-1"],"source":""},"why":""},"unchanged":10},"i":100000,"k":"task","rnd":"'
    b'","store":"","v":1}'
)

_DICTIONARIES = {1: zstandard.ZstdCompressionDict(_FIRST, dict_type=zstandard.DICT_TYPE_RAWCONTENT)}


def compress_leaf(data: bytes) -> bytes:
    """Return a leaf compressed with the newest dictionary."""
    return zstandard.ZstdCompressor(level=3, dict_data=_DICTIONARIES[NEWEST]).compress(data)


class LeafDecompressor:
    """Decompresses leaves; an instance must not be used by two threads at the same time."""

    def __init__(self) -> None:
        self._decompressors = {number: Decompressor(known, _LARGEST) for number, known in _DICTIONARIES.items()}

    def decompress(self, number: int, data: bytes) -> bytes:
        """Return a leaf that was compressed with a dictionary. Raises StoreError where it is damaged or unknown."""
        if number not in self._decompressors:
            raise damaged(f"there is no dictionary {number} for leaves")
        return self._decompressors[number].decompress(data)
