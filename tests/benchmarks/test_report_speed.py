"""How long a page takes, and a live view to answer: reported by pytest-benchmark, never asserted.

Run with ``pytest tests/benchmarks --benchmark-enable``; otherwise every step is only tried once.
"""

import itertools
import shutil
import signal
import subprocess
import sys
from pathlib import Path

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EDITIONS = [SCENARIOS / "editions" / f"outlook-{year}.yaml" for year in range(2014, 2024)]
ROUNDS = 5
CHANGED = """() => { window.changed = new Promise((resolve) => {
  new MutationObserver(resolve).observe(document.getElementById("totals"), { childList: true }) }) }"""


def test_sim_report_of_ten_stored_scenarios(benchmark, tmp_path):
    subprocess.run([sys.executable, "-m", "sim", "run", *EDITIONS, "--no-plots", "--out", tmp_path], check=True)
    names = [edition.stem for edition in EDITIONS]
    command = [sys.executable, "-m", "sim", "report", *names, "--out", tmp_path, "--to", tmp_path / "ten.html"]

    benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=ROUNDS)

    benchmark.extra_info["bytes"] = (tmp_path / "ten.html").stat().st_size


def test_live_view_answers_a_saved_edit(benchmark, browser, tmp_path):
    for name in ("planbureau-2013", "belgium-2012"):
        shutil.copy(SCENARIOS / f"{name}.yaml", tmp_path)
    file = tmp_path / "planbureau-2013.yaml"
    text, numbers = file.read_text(), itertools.count(21000, 1000)
    command = [sys.executable, "-u", "-m", "sim", "view", file, "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as view, browser.new_page() as page:
        page.goto(view.stdout.readline().split()[0])
        page.wait_for_selector("#main[aria-busy=false]")

        def edited():
            page.wait_for_selector("#main[aria-busy=false]")
            page.evaluate(CHANGED)

        def answered():
            file.write_text(text.replace("2060: 20000", f"2060: {next(numbers)}"))
            page.evaluate("window.changed.then(() => true)")

        benchmark.pedantic(answered, setup=edited, rounds=ROUNDS)
        view.send_signal(signal.SIGINT)
