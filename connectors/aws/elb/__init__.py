"""Elastic Load Balancing: application, network and classic load balancers."""
