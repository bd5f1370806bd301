"""Averages the weights of runs that started from the same point.

python -m training.average OUT RUN.pt=0.5 RUN.pt=0.3 ...
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+", help="weights and their share, FILE=SHARE")
    args = parser.parse_args()
    told = [(Path(path), float(share)) for path, _, share in (run.rpartition("=") for run in args.runs)]
    states = [(torch.load(path, map_location="cpu", weights_only=True), share) for path, share in told]
    torch.save({name: sum(share * state[name] for state, share in states) for name in states[0][0]}, args.out)


if __name__ == "__main__":
    main()
