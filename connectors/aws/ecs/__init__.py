"""ECS: definitions of tasks."""
