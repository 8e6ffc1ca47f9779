"""Virtual machines and their disks."""
