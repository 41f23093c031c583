"""What pages are made of, and what they hold, read back by other means than those that wrote it."""

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
from small import BY_STATE, GROUPS, REGIONS

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MILLISECONDS = 20_000
"""A page may take as long on a busy machine before a test gives up."""
STATES = {
    "states": {"regions": REGIONS, "groups": GROUPS},
    "population": {"table": "people_by_state.csv"},
    "migration": {"net": {"table": "net_by_state.csv", "age": "reached"}},
    "nationality": {
        "changes": [
            {
                "from": "foreign",
                "to": "belgian",
                "count": {"unit": "persons per year", "path": {"2012": 100}, "after": "constant"},
            }
        ]
    },
    "newborn": {"child_group": {"foreign": {"belgian": 0.5, "foreign": 0.5}}},
}
STATE_TABLES = {"people_by_state.csv": BY_STATE, "net_by_state.csv": BY_STATE.replace(",1000", ",7")}
"""Parts of the small scenario with regions and groups, and their tables."""


def content_of(html):
    """What the page shows, and the numbers to which it refers."""
    packed = re.search(r'<script type="text/plain" id="data">([^<]*)</script>', html).group(1)
    data = gzip.decompress(base64.b64decode(packed))
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def array_of(numbers, entry):
    """An array of the page, by year, row and age."""
    years, rows, ages = entry["shape"]
    found = np.zeros((years, rows, ages))
    place = entry["at"]
    for year in range(years):
        for row in range(rows):
            for age in range(ages):
                number, place = signed(numbers, place)
                if year == 0:
                    expected = found[0, row, age - 1] if age else 0
                elif age >= entry["shift"]:
                    expected = found[year - 1, row, age - entry["shift"]]
                else:
                    expected = found[year - 1, row, age]
                found[year, row, age] = number + expected
    found /= 10 ** entry["decimals"]
    found.reshape(-1)[entry.get("missing", [])] = np.nan
    return found


def signed(numbers, place):
    """One number, and where the next begins."""
    digits = []
    while True:
        byte = numbers[place]
        place += 1
        digits.append(byte % 128)
        if byte < 128:
            break
    number = sum(digit * 128**power for power, digit in enumerate(digits))
    return (number // 2 if number % 2 == 0 else -(number + 1) // 2), place


def number_in(text):
    """A number as the English page writes it; None for a dash."""
    text = text.removeprefix("≠").strip()
    return None if text == "–" else float(text.replace(",", "").replace("−", "-").replace("+", ""))


def drawn(page):
    """Wait until everything is drawn."""
    page.wait_for_selector("#main[aria-busy=false]")
