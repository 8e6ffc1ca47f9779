"""Compute Engine: instances, disks, networks, firewalls, load balancers."""
