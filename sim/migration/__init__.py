"""Balances and flows of migration as arrays by region, group, sex and age."""
