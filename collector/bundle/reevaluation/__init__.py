"""The evidence in a bundle judged again, beside the verdicts that it states."""
