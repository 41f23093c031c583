"""``sim datasets``."""

from sim.cli.arguments import AsJson
from sim.cli.messages import columns, say, say_json


def datasets(as_json: AsJson = False) -> None:
    """List the embedded data."""
    from sim.data import catalogue

    described = {name: catalogue.describe(name) for name in catalogue.names()}
    if as_json:
        say_json([{"name": name, **entry._asdict()} for name, entry in described.items()])
        return
    for name, entry in described.items():
        (first, last), (begun, ended) = entry.years, entry.age_group_years
        periods = ", ".join(f"{begin}-{end}" for begin, end in catalogue.fertility_periods(name))
        rows = [
            ["population", f"1 January {first} to {last}, single ages to {entry.open_age}"],
            ["", f"1 January {begun} to {ended}, of the whole country, graduated from five-year age groups"],
            ["regions", ", ".join(entry.regions)],
            ["groups", ", ".join(entry.groups)],
            ["fertility patterns", periods],
            *([file, content] for file, content in entry.files),
        ]
        say(f"{name}: {entry.title}")
        say("\n".join(f"  {line}" for line in columns(rows, left=2).splitlines()))
