"""What is hashed and signed besides leaves, made through the program's own functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.bundle.sampling.draws import about_draw
from collector.bundle.sampling.population import Item, Population
from collector.bundle.sampling.population import digest_of as population_digest
from collector.bundle.sampling.sampling import DRAW, Draw, by_chance, rank
from collector.core.canonical import canonical, digest_of, encode
from collector.core.facts import OperatorAct
from collector.core.periods import period_of
from collector.core.redaction import Redact, Redactor
from storage.database.blobs import blob_bytes, seal
from storage.database.keys import StoreKey
from storage.log import unchanged_tasks
from storage.log.merkle import Frontier, leaf_hash
from storage.log.notes import Checkpoint, Signer, make_note
from storage.log.proofs import consistency_proof, inclusion_proof, tree_root
from storage.log.signing import FileKey
from storage.signers import bundle_text
from storage.tables import volatile_fields
from tests.compatibility.builders import AT, OTHER_RUN, TASK, Golden, digest

STORE_KEY = StoreKey(b"not a secret" * 2 + b"........")
SALT = bytes(range(16))
SIGNER, NEXT_SIGNER = (
    Signer("example.org/log", FileKey(Ed25519PrivateKey.from_private_bytes(one * 2 + b"........")))
    for one in (b"not a secret", b"nor is this!")
)


def _lines(*lines: bytes | str) -> bytes:
    return b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)


def _blob(kind: str, key: str, body: bytes) -> bytes:
    """The bytes of a blob, what it is looked up by, and its digest."""
    sealed = seal(STORE_KEY, kind, key, body)
    data = blob_bytes(sealed, SALT)
    return _lines(data, sealed.lookup.hex(), digest_of(data))


def blob() -> bytes:
    """A resource's body."""
    return _blob(
        "aws.s3.bucket", "l\u00f6gs", canonical({"Name": "l\u00f6gs", "Size": 3.0, "At": AT, "Raw": b"\x00\xff"})
    )


def facts() -> bytes:
    """The volatile keys of a task."""
    name = encode([TASK.source, TASK.collection, list(TASK.scope)]).decode()
    return _blob(
        volatile_fields.KIND,
        name,
        volatile_fields.object_bytes({"web": b"null", "logs": b'{"read":1}', "\uffff": b"{}"}),
    )


def facts_again() -> bytes:
    """The volatile keys that changed when tasks saw the same unchanged_tasks."""
    return _blob(
        unchanged_tasks.FACTS,
        OTHER_RUN,
        volatile_fields.object_bytes({"17": volatile_fields.object_bytes({"logs": b'{"read":2}'})}),
    )


def store_key() -> bytes:
    """What shows which key a store has, and the key of the fingerprints in redacted values."""
    return _lines(STORE_KEY.check, STORE_KEY.redaction.hex())


def inventory() -> bytes:
    """What a complete list is proven by: a line a resource, and the root over them."""
    lines = [encode([key, digest(pair), parts]) for key, pair, parts in (("logs", "ab", ["policy"]), ("web", "cd", []))]
    made = Frontier()
    for line in lines:
        made.append(leaf_hash(line))
    return _lines(*lines, made.root().hex())


def tree() -> bytes:
    """The root over seven leaves, a proof that the third is one, and one that three of them are its beginning."""
    hashes = [leaf_hash(b"leaf %d" % number) for number in range(7)]

    def some(start: int, end: int) -> list[bytes]:
        return hashes[start:end]

    proofs = (*inclusion_proof(some, 2, 7), b"", *consistency_proof(some, 3, 7))
    return _lines(tree_root(hashes).hex(), tree_root([]).hex(), *(one.hex() for one in proofs))


def checkpoint() -> bytes:
    """A head that two keys have signed, as where one hands over to the other."""
    head = Checkpoint(SIGNER.key.name, 119, bytes.fromhex("0f" * 32))
    return _lines(make_note(head, SIGNER, NEXT_SIGNER), str(SIGNER.key), str(NEXT_SIGNER.key), SIGNER.key.fingerprint)


def signed_bundle() -> bytes:
    """What is signed of a bundle."""
    text = bundle_text(SIGNER.key.name, "0f" * 32)
    return f"{text}\n{SIGNER.sign(text)}".encode()


def population() -> Population:
    """Three changes of code."""
    items = tuple(
        Item(
            source="code",
            kind="github.repo.change",
            scope=("acme", "shop"),
            key=key,
            digest=None if key == "c3" else digest(key),
            seen_from=AT,
            gone=False,
            happened_at=AT,
            fields={"way": way},
        )
        for key, way in (("a1", "push"), ("b2", "pull_request"), ("c3", "push"))
    )
    return Population(
        kind="github.repo.change",
        period=period_of(date(2026, 11, 23), date(2026, 11, 26), ZoneInfo("Europe/Zurich")),
        sources=("code",),
        items=items,
        digest=population_digest(items),
        gaps=("nobody looked",),
    )


def drawn() -> Draw:
    """Two of them, one a way, by a chance that anybody can repeat."""
    return by_chance(population(), size=1, nonce="any w\u00f6rds", root=digest("0f"), by="way")


def draw() -> bytes:
    """The lines of a population, its digest, the seed, and what each line is ranked by."""
    seed = bytes.fromhex(drawn().seed)
    ranks = [rank(seed, one.line).hex() for one in population().items]
    return population().text() + _lines(population().digest, drawn().seed, *ranks, *(one.key for one in drawn().drawn))


def canonical_json() -> bytes:
    """What RFC 8785 leaves to chance in other hands: numbers, the order of keys, what is escaped."""
    return canonical(
        {
            "numbers": [0.0, -0.0, 1.0, 1e21, 1e-7, 5e-6, 0.1, 2**63, 10**30, -1],
            "text": '\u0000\u001f"\\/\u007f\u2028\U0001f600',
            "\ue000": 1,
            "\U0001f600": 2,
            "\u00e9": None,
            "e": [True, False, {}, []],
        }
    )


def redacted_with_length() -> bytes:
    """What stands in place of a secret; before, `redacted`, it did not say how long the secret was."""
    redactor = Redactor(STORE_KEY.redaction, (Redact("owner.mail"),))
    return canonical(redactor.apply({"owner": {"mail": "ann@acme.example"}, "Password": "hunter2", "PasswordAge": 3}))


ENCODINGS: dict[str, Callable[[], bytes]] = {
    one.__name__: one
    for one in (
        *(blob, facts, facts_again, store_key, inventory, tree, checkpoint, signed_bundle),
        *(draw, canonical_json, redacted_with_length),
    )
}

ACTS = {
    "operator_act.draw": Golden(
        OperatorAct(at=AT, by="ann", host=digest("40"), act=DRAW, about=about_draw(population(), drawn()))
    )
}
"""Golden leaves whose fact is made by other code than its type."""
