"""The roof: the one room that may import every other, and wires them together."""
