"""annexd reads the configuration of cloud, identity and code platforms as evidence for ISO/IEC 27001."""

__version__ = "0.1.0"
