"""What connectors of several platforms know of networks."""
