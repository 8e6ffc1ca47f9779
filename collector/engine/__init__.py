"""The loop around the ports: plan, collect, judge, assess."""
