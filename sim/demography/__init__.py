"""Pure functions of demography on NumPy arrays; nothing here knows a file or a label."""
