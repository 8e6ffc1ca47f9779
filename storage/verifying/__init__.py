"""The steps of proving a store: log, heads, blobs, inventories, tables derived again."""
