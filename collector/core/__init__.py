"""The nouns and the judging rules: no input or output, no clock, no SQL, no vendor."""
