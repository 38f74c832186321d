"""Runs the peers in turn, round after round, so that noise hits all alike."""
import json
import os
import random
import subprocess
import sys
from pathlib import Path

from networks import NETWORKS, write_first_parameters
from prepare import HERE, say
from report_summary import case_text

CANDIDATES = (128, 512, 2048)  # batches for predictions, of which each peer takes its fastest


class Failure(Exception):
    pass


def note(line):
    print(f"   {line}", file=sys.stderr, flush=True)


def cores(threads):
    """As many cores as there are threads: no library can take more than its share."""
    return sorted(os.sched_getaffinity(0))[:threads]


def environment(threads):
    return {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads),
            "PYTHONDONTWRITEBYTECODE": "1"}


def output_of(command, threads, timeout, log):
    """What the command prints, on `threads` cores; raises Failure."""
    with open(log, "ab") as errors:
        errors.write(f"\n== {' '.join(map(str, command))}\n".encode())
        errors.flush()
        try:
            done = subprocess.run(list(map(str, command)), timeout=timeout, env=environment(threads),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                  preexec_fn=lambda: os.sched_setaffinity(0, cores(threads)))
        except subprocess.TimeoutExpired:
            raise Failure(f"took more than {timeout} s") from None
        except OSError as error:
            raise Failure(f"{Path(command[0]).name}: {error.strerror}") from None
    if done.returncode != 0:
        raise Failure(f"ended with status {done.returncode}, see {log.name}")
    return done.stdout.decode()


class Runner:
    """Runs single peers in single cases."""

    def __init__(self, options, work, programs):
        self.options = options
        self.work = work
        self.programs = programs
        self.log = work / "peers.log"

    def weights(self, network, seed):
        path = self.work / f"{network}-{seed}.safetensors"
        if not path.exists():
            write_first_parameters(NETWORKS[network], seed, path)
        return path

    def command(self, peer, network):
        if peer.is_python:
            return [self.options.venv / "bin/python", HERE / peer.program]
        return [self.options.strata or self.programs / peer.program] if peer.name == "strata" else \
            [self.programs / peer.program]

    def run(self, peer, case, batch, seed, repeats):
        """The JSON of a peer, with the peer's title and the seed; raises Failure."""
        network, mode, _, threads = case
        command = [*self.command(peer, network), "--network", network, "--mode", mode, "--batch", batch,
                   "--threads", threads, "--repeats", repeats, "--data", self.options.data,
                   "--weights", self.weights(network, seed), "--seed", seed]
        if self.options.samples:
            command += ["--samples", self.options.samples]
        if peer.variant:
            command += ["--variant", peer.variant]
        lines = output_of(command, threads, self.options.timeout, self.log).splitlines()
        try:
            result = json.loads(lines[-1])
            assert len(result["seconds"]) == repeats and min(result["seconds"]) > 0
        except (IndexError, KeyError, ValueError, AssertionError):
            raise Failure(f"did not print the line of JSON, see {self.log.name}") from None
        return {**result, "title": peer.title, "seed": seed}


def cases_of(options):
    """Network, mode, batch (None for predictions: each peer's best) and threads."""
    for network in options.networks:
        for threads in options.threads:
            if "train" in options.modes:
                yield from ((network, "train", batch, threads) for batch in options.batches)
            if "predict" in options.modes:
                yield network, "predict", None, threads
        if "one" in options.modes:
            yield network, "one", None, 1


class Comparison:
    """All rounds of all cases. A peer that fails is left out of the case, with a line."""

    def __init__(self, runner, peers, options):
        self.runner = runner
        self.options = options
        self.turns = {case: [peer for peer in peers if peer.offers(*case[:2])] for case in cases_of(options)}
        self.runs = []
        self.skipped = []

    def leave_out(self, peer, case, why):
        line = f"{peer.title}: {case[0]}, {case_text(case)}: {why}"
        note(f"left out: {line}")
        self.skipped.append(line)
        self.turns[case].remove(peer)

    def choose_batches(self):
        """{(case, peer): batch}: for predictions the one that the options name, with --quick the middle one of
        CANDIDATES, else the fastest of them."""
        best = {}
        for case, peers in self.turns.items():
            for peer in list(peers):
                if case[1] != "predict":
                    best[case, peer] = case[2] or 1
                    continue
                if self.options.quick or self.options.prediction_batch:
                    best[case, peer] = self.options.prediction_batch or CANDIDATES[1]
                    continue
                try:
                    times = {batch: min(self.runner.run(peer, case, batch, 1, 3)["seconds"]) for batch in CANDIDATES}
                    best[case, peer] = min(times, key=times.get)
                    note(f"{peer.title}: {case[0]}, {case_text(case)}: {best[case, peer]}")
                except Failure as failure:
                    self.leave_out(peer, case, failure)
        return best

    def run(self):
        say("Looking for each peer's best batch for predictions")
        batches = self.choose_batches()
        for seed in range(1, self.options.rounds + 1):
            for case, peers in self.turns.items():
                say(f"Round {seed} of {self.options.rounds}: {case[0]}, {case_text(case)}")
                for peer in random.Random(seed).sample(peers, len(peers)):
                    repeats = self.options.repeats if case[1] == "train" else 5 * self.options.repeats
                    try:
                        self.runs.append(self.runner.run(peer, case, batches[case, peer], seed, repeats))
                        note(f"{peer.title}: {min(self.runs[-1]['seconds']):.4g} s")
                    except Failure as failure:
                        self.leave_out(peer, case, failure)
