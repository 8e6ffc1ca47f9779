"""WAF: web ACLs."""
