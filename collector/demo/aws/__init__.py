"""The AWS double, which answers in this process, and the accounts of the made-up company on it."""
