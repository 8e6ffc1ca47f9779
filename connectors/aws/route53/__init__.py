"""Route 53: registered domains, and the filter of names that networks ask for."""
