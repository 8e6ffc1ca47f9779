"""The log: entries, the Merkle tree over them, signed heads, proofs, and their verification."""
