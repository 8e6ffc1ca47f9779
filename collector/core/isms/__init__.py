"""Data types of the company's management system: scope, SoA, exceptions, actions, risks, register, measures."""
