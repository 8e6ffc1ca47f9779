"""What all commands share: options, the session, text and JSON on a terminal."""
