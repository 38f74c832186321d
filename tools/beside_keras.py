#!/usr/bin/env python3
"""Runs examples and the Keras programs beside them for some seeds, and prints the tables of docs/from_keras.md.

  tools/beside_keras.py [--seeds N] [--build FOLDER] [EXAMPLE…]

Each program prints "name value name value …" as its last line. Needs Keras 3 in this Python, here with JAX:
KERAS_BACKEND=jax. Run it in the folder of README.md, after ./run-tests.sh has built the examples.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def results(command):
    """The numbers that a program prints last, by name."""
    printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if printed.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{printed.stdout}{printed.stderr}")
    last = printed.stdout.strip().splitlines()[-1]
    return {name: float(value) for name, value in re.findall(r"([a-z_ ]+) ([-+0-9.e]+)(?: |$)", last)}


def cell(values):
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    digits = 1 if mean >= 100 else 3
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}" if 1e-3 <= mean or mean == 0 else f"{mean:.1e} ± {deviation:.1e}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--build", default=os.path.join(root, "build/release"))
    options = parser.parse_args()
    folder = os.path.join(root, "examples/keras")
    names = options.examples or sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py"))
    for name in names:
        commands = {
            "Keras": [sys.executable, os.path.join(folder, name + ".py")],
            "strata": [os.path.join(options.build, "examples", name)],
        }
        seeds = [str(seed) for seed in range(1, options.seeds + 1)]
        found = {who: [results([*command, seed]) for seed in seeds] for who, command in commands.items()}
        print(f"\n{name}\n\n| | Keras | strata |\n|---|---|---|")
        for measured in found["Keras"][0]:
            row = [cell([result[measured] for result in found[who]]) for who in commands]
            print(f"| {measured.replace('_', ' ')} | {row[0]} | {row[1]} |", flush=True)


if __name__ == "__main__":
    main()
