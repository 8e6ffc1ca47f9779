"""Acme's tenant of Microsoft Entra, where its people sign in."""
