"""What a bundle shows of the log: entries, heads, and the proofs that tie them together."""
