#!/usr/bin/env python3
"""Checks check_verdict.py with made-up times: what is slower has to be said, and noise must not be."""
import contextlib
import io
import sys
import tempfile

import check_verdict


def lines(times):
    """The lines of a file, of name -> (times of side a, times of side b)."""
    return "".join(f"{turn}\t{side}\t{name}\t{value}\n"
                   for name, sides in times.items()
                   for side, values in zip("ab", sides)
                   for turn, value in enumerate(values))


def verdict(*measurements, names=False):
    """The exit status and what is printed."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".tsv")) for _ in measurements]
        for file, times in zip(files, measurements):
            file.write(lines(times))
            file.flush()
        said = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        status = check_verdict.main(["--names"] * names + [file.name for file in files])
    return status, said.getvalue()


STEADY = ([10, 20, 10], [10, 20, 10])
SLOWER = ([10, 20, 10], [11, 22, 11])  # the machine was half as fast in the second round, on both sides
FASTER = ([11, 22, 11], [10, 20, 10])
SLIGHTLY = ([100, 100, 100], [102, 102, 102])
NOISY = ([10, 10, 10], [11, 9, 12.5])


def main():
    assert verdict({"steady": STEADY, "faster": FASTER, "slightly": SLIGHTLY, "noisy": NOISY})[0] == 0
    status, table = verdict({"steady": STEADY, "slow": SLOWER})
    assert status == 1 and "1 of 2 became slower: slow\n" in table, table
    assert "SLOWER" in next(line for line in table.splitlines() if line.startswith("slow ")), table
    assert verdict({"steady": STEADY, "slow": SLOWER}, names=True) == (0, "slow\n")
    assert verdict({"slow": SLOWER}, {"slow": SLOWER})[0] == 1
    status, table = verdict({"slow": SLOWER}, {"slow": STEADY})
    assert status == 0 and "did not repeat" in table, table
    # A round that one side did not finish does not count.
    assert verdict({"slow": ([10, 20, 10], [11, 22])})[0] == 1
    try:
        verdict({"slow": ([10], [])})
    except SystemExit as stop:
        assert "nothing was measured" in str(stop)
    else:
        raise AssertionError("one side alone was judged")


if __name__ == "__main__":
    main()
