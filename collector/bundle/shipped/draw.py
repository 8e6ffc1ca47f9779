#!/usr/bin/env python3
"""Repeat the draws of a bundle from its files alone.

python3 -I verify/draw.py data/populations/NAME.draws.json

Standard library only. The lines of the population lie beside the draws, in a file of the same name that ends in .jsonl;
their SHA-256 is the digest of the population. The seed of a draw by chance is the SHA-256 of three lines: the root of
the signed checkpoint, the auditor's nonce, that digest. Lines are ranked by the SHA-256 of seed and line, and the first
ones are drawn; where the draw was from each value of a field, this checks those that came out against their ranks.
"""

import hashlib
import json
import sys


def main(path):
    """Print for each draw whether it comes out the same; return 1 where one does not."""
    with open(path, encoding="ascii") as file:
        told = json.load(file)
    with open(path[: -len(".draws.json")] + ".jsonl", "rb") as file:
        data = file.read()
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    if digest != told["digest"]:
        print(f"the population has the digest {digest}, and {told['digest']} was drawn from")
        return 1
    lines = data.splitlines()
    print(f"{len(lines)} items of {told['kind']}, {digest}: {'complete' if told['complete'] else 'NOT complete'}")
    return max([_draw(draw, lines, digest) for draw in told["draws"]], default=0)


def _draw(draw, lines, digest):
    drawn = [(item["source"], item["scope"], item["key"]) for item in draw["items"]]
    known = {_name(line) for line in lines}
    if not all((source, tuple(scope), key) in known for source, scope, key in drawn):
        print(f"leaf {draw['leaf']}: an item of it is not in the population")
        return 1
    if draw["how"] != "size":
        print(f"leaf {draw['leaf']}: {len(drawn)} items, picked by {draw['how']}; nothing to repeat")
        return 0
    seed = hashlib.sha256("{}\n{}\n{}\n".format(draw["root"], draw["nonce"], digest).encode("utf-8", "surrogatepass"))
    if seed.hexdigest() != draw["seed"]:
        print(f"leaf {draw['leaf']}: the seed is {seed.hexdigest()}, and {draw['seed']} is stated")
        return 1
    if draw["strata"]:
        print(f"leaf {draw['leaf']}: drawn from each {draw['strata']}; repeat it on the lines of each value")
        return 0
    ranked = sorted(lines, key=lambda line: hashlib.sha256(seed.digest() + line).digest())
    again = [_name(line) for line in ranked[: draw["size"]]]
    if again != [(source, tuple(scope), key) for source, scope, key in drawn]:
        print(f"leaf {draw['leaf']}: another draw comes out: {again}")
        return 1
    print(f"leaf {draw['leaf']}: the same {len(drawn)} items come out, nonce {draw['nonce']!r}")
    return 0


def _name(line):
    source, _, scope, key, _ = json.loads(line)
    return source, tuple(scope), key


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
