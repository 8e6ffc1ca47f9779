"""The tables of a bundle, as CSV files and as sheets of the workbook."""
