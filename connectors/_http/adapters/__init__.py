"""For vendors' SDKs that build requests or ask for tokens: they keep to that, and the kit sends.

An SDK is imported where it is used, never with a module of this folder.
"""
