"""Averages the weights of runs that started from the same point. python -m training.average OUT RUN.pt RUN.pt ..."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    args = parser.parse_args()
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in args.runs]
    torch.save({name: sum(state[name] for state in states) / len(states) for name in states[0]}, args.out)


if __name__ == "__main__":
    main()
