"""Who Google tells about incidents."""
