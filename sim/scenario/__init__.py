"""From a YAML file to a frozen, typed scenario."""
