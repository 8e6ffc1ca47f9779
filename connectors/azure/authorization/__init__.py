"""Who may do what: roles, their assignments with inheritance, eligible assignments, principals and locks."""
