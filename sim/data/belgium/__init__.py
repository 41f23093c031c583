"""Tables of Belgium; README.md in this folder says where they come from and what to mind."""
