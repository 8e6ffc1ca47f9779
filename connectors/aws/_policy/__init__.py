"""Reading IAM policies: documents, principals, accounts of others, issuers of tokens."""
