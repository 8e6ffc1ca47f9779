"""AWS Config: recorders and delivery channels."""
