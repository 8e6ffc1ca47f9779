"""Cloud Identity: single sign-on and devices."""
