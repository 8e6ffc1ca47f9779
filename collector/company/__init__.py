"""The company's own files (scope, SoA, exceptions, actions, risks, register, metrics): read, compared, recorded."""
