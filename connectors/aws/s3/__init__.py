"""S3: buckets and access to them."""
