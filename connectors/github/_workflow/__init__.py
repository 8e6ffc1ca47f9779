"""What workflows of GitHub Actions mean: YAML, expressions, events, commands, and what outsiders decide in them."""
