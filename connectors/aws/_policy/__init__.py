"""What IAM policy documents say: statements, whom they let in, external accounts, issuers of tokens."""
