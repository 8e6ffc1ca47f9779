"""IAM Identity Center of an organization: permission sets, and who has which of them in which account."""
