"""What makes a release: wheel and sdist that anybody can build again byte by byte, and its bill of materials."""
