"""Data types and judging rules shared by all rooms: no input or output, no clock, no SQL, no vendor."""
