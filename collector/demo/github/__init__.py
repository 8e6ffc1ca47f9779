"""The GitHub double, which answers in this process, and the organization of the made-up company on it."""
