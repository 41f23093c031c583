"""Data that come with the program, and the catalogue that hands them out."""
