"""Acme for annexd: the connector is in `connector`, its checks are in `checks`."""
