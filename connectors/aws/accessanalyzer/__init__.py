"""IAM Access Analyzer: analyzers of access from outside."""
