"""The company's own records beside the evidence: actions, risks, documents, exceptions, scope, SoA."""
