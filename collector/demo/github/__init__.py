"""GitHub inside this process: the double, and the made-up company's organization on it."""
