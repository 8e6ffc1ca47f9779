"""The pages of `annexd web` and `annexd serve --web`."""
