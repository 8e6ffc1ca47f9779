"""The directory: users, units, groups, administrators, domains, devices, and what users granted to third parties."""
