"""Signing in: global sessions, passwords, authenticators, their enrolment, and what happens to idle accounts."""
