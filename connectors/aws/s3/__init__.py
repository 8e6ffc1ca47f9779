"""S3: buckets and who gets at them."""
