"""Recordings of what a platform really answers, with everything that is a company's or a person's replaced."""
