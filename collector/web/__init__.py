"""The pages that a browser shows: a store read as it is, rendered by the server, with no script needed."""
