"""Looking after the store over the years: proof, keys, copies, erasure."""
