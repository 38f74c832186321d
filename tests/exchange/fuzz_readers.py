"""Gives strata-convert files that have been changed at random, in every form that it reads. It has to convert a file,
or to refuse it with a sentence: no other exception, no file after an error, little time, little memory.

    fuzz_readers.py FOLDER [--seconds 60] [--seed N] [--only INPUT] [--more SEED…]

Prints the seed, and writes the inputs that fail into FOLDER. `--seed N --only INPUT` makes one input again. What ends,
or does not end, inside of HDF5's own library is counted, and is no failure: it is not mended here.
"""
import argparse
import contextlib
import faulthandler
import io
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import fuzz_mutations
from fuzz_seeds import Seed, write_seeds
from strata_convert import cli

LONGEST = 10  # seconds of the processor for one input
LARGEST = 512  # MiB that one input may take
INPUTS_OF_A_WORKER = 2000


class Input(NamedTuple):
    """A changed file, the arguments of the command for it, and where the command writes."""

    path: Path
    arguments: List[str]
    out: Path


def form_of(seed: Seed) -> str:
    """What kind of file a seed is."""
    return "folder" if seed.path.is_dir() else "".join(seed.path.suffixes)


def made_input(seeds: List[Seed], seed: int, number: int, folder: Path) -> Input:
    """Input number so and so, which depends on the seed and the number alone."""
    r = random.Random(f"{seed} {number}")
    form = r.choice(sorted({form_of(seed) for seed in seeds}))
    chosen = r.choice([seed for seed in seeds if form_of(seed) == form])
    path, out = folder / f"input_{chosen.path.name}", folder / "out"
    target = path
    if chosen.path.is_dir():
        shutil.copytree(chosen.path, path)
        target = r.choice(sorted(file for file in path.iterdir() if file.is_file()))
    elif chosen.path.name.endswith(".weights.json"):  # the weights lie beside it
        shutil.copytree(chosen.path.parent, folder, dirs_exist_ok=True)
        path = folder / chosen.path.name
        target = r.choice([path, *sorted(folder.glob("*.weights.h5"))])
    else:
        shutil.copy(chosen.path, path)
    other = r.choice([seed.path for seed in seeds if seed.path.is_file()])
    target.write_bytes(fuzz_mutations.changed(r, target.read_bytes(), [other.read_bytes()]))
    arguments = [str(path), "-o", str(out)]
    if chosen.onto:
        arguments += ["--onto", chosen.onto]
    elif path.suffix == ".safetensors":
        arguments = r.choice((arguments, ["header", str(path), "-o", str(folder / "out.hpp"), "--name", "x"],
                              ["to-torch", *arguments], [str(path), "-o", str(folder / "out.keras")]))
    return Input(path, arguments, Path(arguments[arguments.index("-o") + 1]))


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(given: Input) -> Tuple[str, str]:
    """Runs the command, and gives what became of it, "converted" or "refused", and what is wrong with that."""
    said, before = io.StringIO(), megabytes()
    files = set(given.path.parent.iterdir())
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = cli.main(given.arguments)
    except BaseException as error:  # whatever it is: it should have been a sentence
        places = [place for place in traceback.extract_tb(error.__traceback__) if "strata_convert" in place.filename]
        where = f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
        return "refused", f"{type(error).__name__} at {where}"
    written = set(given.path.parent.iterdir()) - files
    if megabytes() - before > LARGEST:
        return "refused", f"more than {LARGEST} MiB"
    if code == 0:
        if given.out.is_dir() and (given.out / "model.safetensors").exists():
            cli.read(given.out / "model.safetensors", None).check()
        return "converted", "" if written else "nothing was written"
    if not all(c == "\n" or c.isprintable() for c in said.getvalue()):
        return "refused", "what steers a terminal in a message"
    if code != 1 or not said.getvalue().startswith("strata-convert: "):
        return "refused", f"the code {code} and no sentence"
    return "refused", "a file after an error" if written else ""


def work(seeds: List[Seed], seed: int, first: int, only: bool, folder: Path, pipe: Connection, trace: Path) -> None:
    """What a worker does: input after input, of which it tells the number before, and what became of it after. Where it
    was when its time was over, or when it crashed, stands in `trace`."""
    file = trace.open("w")
    faulthandler.enable(file, all_threads=False)
    faulthandler.register(signal.SIGXCPU, file, all_threads=False, chain=True)
    resource.setrlimit(resource.RLIMIT_AS, (8 * LARGEST << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in range(first, first + (1 if only else INPUTS_OF_A_WORKER)):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        given = made_input(seeds, seed, number, folder)
        pipe.send((number, given.arguments))
        used = int(time.process_time()) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + LONGEST, resource.RLIM_INFINITY))
        outcome = run(given)
        pipe.send(outcome)
        if outcome[1]:  # it may have taken memory that the next one would not be blamed for
            break


class Fuzzing:
    """Starts workers, one after the other, and keeps what fails."""

    def __init__(self, seeds: List[Seed], seed: int, kept: Path, folder: Path) -> None:
        self.seeds, self.seed, self.kept, self.folder = seeds, seed, kept, folder
        self.outcomes: Counter = Counter()
        self.failures: Dict[str, int] = {}

    def fail(self, number: int, arguments: List[str], reason: str) -> None:
        """Remembers and prints a failure; keeps the input, the first of each kind."""
        self.failures[reason] = self.failures.get(reason, 0) + 1
        if self.failures[reason] > 1:
            return
        kept = self.kept / f"{self.seed}_{number}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder, kept, ignore=shutil.ignore_patterns("out"))
        print(f"input {number}: {reason}: strata-convert {' '.join(map(repr, arguments))}, in {kept}", flush=True)

    def worker(self, first: int, only: bool, until: float) -> int:
        """One worker's inputs; the number of the next one."""
        ours, theirs = multiprocessing.Pipe()
        trace = self.folder.with_suffix(".trace")
        process = multiprocessing.get_context("fork").Process(
            target=work, args=(self.seeds, self.seed, first, only, self.folder, theirs, trace))
        process.start()
        theirs.close()
        begun: Optional[Tuple[int, List[str]]] = None
        try:
            while begun or time.monotonic() < until:
                if not ours.poll(20 * LONGEST):
                    raise EOFError
                message = ours.recv()
                if begun is None:
                    begun, first = message, message[0] + 1
                    continue
                self.outcomes[message[0]] += 1
                if message[1]:
                    self.fail(*begun, message[1])
                begun = None
        except EOFError:  # it is gone, or stands still
            process.join(0.5)
            places = [line for line in trace.read_text().splitlines() if line.startswith("  File ")]
            if begun is not None and places and "/h5py/" in places[0]:
                self.outcomes["ended by HDF5's library"] += 1
            elif begun is not None:
                ended = "time" if process.exitcode in (None, -signal.SIGXCPU) else f"signal {-(process.exitcode or 0)}"
                self.fail(*begun, f"more than {LONGEST} s" if ended == "time" else f"the end of the process, {ended}")
        process.kill()
        process.join()
        return first


def main() -> int:
    """1 if an input fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("kept", type=Path, metavar="FOLDER", help="where the inputs that fail are written")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "little"))
    parser.add_argument("--only", type=int, metavar="INPUT", help="makes one input again")
    parser.add_argument("--more", type=Path, nargs="*", default=[], metavar="SEED", help="more files to begin with")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    options.kept.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as holder:
        written = Path(holder, "seeds")
        written.mkdir()
        fuzzing = Fuzzing([*write_seeds(written), *map(Seed, options.more)], options.seed, options.kept,
                          Path(holder, "input"))
        number = options.only or 0
        while time.monotonic() < until:
            number = fuzzing.worker(number, options.only is not None, until)
            if options.only is not None:
                break
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(fuzzing.outcomes.items())))
    for reason, count in sorted(fuzzing.failures.items()):
        print(f"{count} times: {reason}")
    return 1 if fuzzing.failures else 0


if __name__ == "__main__":
    sys.exit(main())
