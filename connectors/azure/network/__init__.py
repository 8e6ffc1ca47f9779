"""Networks: what security groups let in, flow logs, gateways and firewalls."""
