"""From arrays to one labelled, proven and safely stored Dataset."""
