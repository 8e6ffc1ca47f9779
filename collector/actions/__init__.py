"""What changes a store or asks a platform: scan, record, sign, export, retain, erase."""
