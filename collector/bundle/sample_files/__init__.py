"""The files of a bundle about populations and samples, and the sample bundle."""
