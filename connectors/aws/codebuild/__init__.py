"""CodeBuild: projects."""
