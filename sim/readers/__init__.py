"""From files of the public to arrays."""
