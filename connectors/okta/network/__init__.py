"""Where from and with what: network zones, behaviour, suspicious addresses, trusted origins, devices."""
