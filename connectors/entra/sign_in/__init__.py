"""How people sign in: conditional access, security defaults, methods, and who has registered them."""
