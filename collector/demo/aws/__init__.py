"""AWS inside this process: the double, and the made-up company's accounts on it."""
