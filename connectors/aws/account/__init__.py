"""The AWS account: regions and contacts."""
