"""Datasets of BigQuery."""
