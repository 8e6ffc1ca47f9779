"""App Service: web apps, functions and their deployment slots."""
