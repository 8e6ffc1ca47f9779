"""Read models: data in, plain structures out. No terminal, no HTML."""
