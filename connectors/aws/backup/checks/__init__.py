"""Checks of AWS Backup."""
