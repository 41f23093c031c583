"""``python -m sim.gallery``: write every figure of the gallery as a PNG file."""

import argparse
import sys
from pathlib import Path

from sim.gallery import FIGURES
from sim.plots.style import save


def main(arguments: list[str] | None = None) -> None:
    """Write the figures into a folder and print their paths.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line where not given.
    """
    parser = argparse.ArgumentParser(prog="python -m sim.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("outputs/gallery"), help="folder (default: %(default)s)")
    folder = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        path = folder / f"{name}.png"
        save(draw(), path, "png")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
