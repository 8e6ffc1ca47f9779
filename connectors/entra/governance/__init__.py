"""Access reviews and terms of use."""
