"""One module or folder a platform, with its collections, its resource types and its checks."""
