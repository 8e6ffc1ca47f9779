"""The organization, its folders and its projects."""
