"""The steps of verifying a store: log, heads, blobs, inventories, and tables derived again."""
