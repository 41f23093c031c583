"""Migration by age: model schedules, net migration from stocks, and what it is made of."""
