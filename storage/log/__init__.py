"""The log: its entries (leaves), the Merkle tree over them, signed checkpoints, proofs, and their verification."""
