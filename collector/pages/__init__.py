"""Templates, charts and the renderer that bundle and web share."""
