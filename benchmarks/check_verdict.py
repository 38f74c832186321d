#!/usr/bin/env python3
"""Says which benchmarks are slower on side b than on side a, from what `benchmarks/check` measured.

    check_verdict.py [--names] FILE [FILE]

A line of a file is round, side (a or b), name, time. In each round the two sides ran one after the other, so their
ratio b / a is what counts: what slows the machine down for a while slows both. A benchmark is slower if the median of
its ratios is more than 3 % above one and also more than three times the median distance of the ratios from it. With a
second file, which repeats what seemed slower, it has to be slower in both.

Prints a table of the ratios, or with --names the slower ones by name; the exit status is 1 if the table has any.
"""
import sys
from collections import defaultdict
from statistics import median

LEAST = 0.03
SPREADS = 3


def ratios_of(path):
    """The ratios b / a of each benchmark, round by round."""
    times = defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        turn, side, name, value = line.rstrip("\n").split("\t")
        times[name, turn][side] = float(value)
    ratios = defaultdict(list)
    for (name, _), sides in times.items():
        if {"a", "b"} <= set(sides):
            ratios[name].append(sides["b"] / sides["a"])
    return ratios


def judged(ratios):
    """The median ratio, the median distance from it, and whether that is slower than noise."""
    middle = median(ratios)
    spread = median(abs(ratio - middle) for ratio in ratios)
    return middle, spread, middle - 1 > max(LEAST, SPREADS * spread)


def main(arguments):
    names_only = arguments[:1] == ["--names"]
    files = [ratios_of(path) for path in arguments[names_only:]]
    if not files or not files[0]:
        sys.exit("check_verdict: nothing was measured on both sides")
    slower = [name for name in files[0] if all(judged(file[name])[2] for file in files if name in file)]
    if names_only:
        print("\n".join(slower))
        return 0
    width = max(map(len, files[0]))
    print(f"{'':{width}}  ratio b/a   spread")
    for name, ratios in sorted(files[0].items(), key=lambda item: -median(item[1])):
        middle, spread, suspect = judged(ratios)
        word = "SLOWER" if name in slower else "did not repeat" if suspect else ""
        print(f"{name:{width}}  {middle:9.3f}  {spread:7.3f}  {word}".rstrip())
    print(f"\n{len(slower)} of {len(files[0])} became slower" + (": " + ", ".join(slower) if slower else ""))
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
