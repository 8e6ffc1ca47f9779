"""Commands that read what is kept."""
