"""The tables derived from the log: schema, the one writer that fills them, reading, migrations."""
