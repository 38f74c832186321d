"""strata's kernels and PyTorch's in turn, round after round."""
import json
import random

from prepare import HERE, say
from rounds import Failure, output_of

PATTERN = "(conv2d|dense)_.*/(forward|weight_gradient|input_gradient)$"
SECONDS = 0.2  # for each kernel in a round


def own_times(runner, program, pattern):
    """{name: seconds} of kernels_bench, the processor's time: on one thread what passes on an idle machine."""
    text = output_of([program, f"--benchmark_filter={pattern}", "--benchmark_format=json",
                      f"--benchmark_min_time={SECONDS}"], 1, runner.options.timeout, runner.log)
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}
    return {line["name"]: line["cpu_time"] * scale[line["time_unit"]] for line in json.loads(text)["benchmarks"]
            if line.get("run_type", "iteration") == "iteration"}


def torch_times(runner, names):
    text = output_of([runner.options.venv / "bin/python", HERE / "torch_kernels.py", *names], 1, runner.options.timeout,
                     runner.log)
    return json.loads(text.splitlines()[-1])


def measure_kernels(runner, options):
    """{name: {"strata": [seconds...], "pytorch": [seconds...]}}; raises Failure."""
    program = runner.programs / "kernels_bench"
    pattern = options.kernels or PATTERN
    listing = [program, f"--benchmark_filter={pattern}", "--benchmark_list_tests"]
    listed = output_of(listing, 1, options.timeout, runner.log)
    names = [line for line in listed.splitlines() if "/" in line]
    if not names:
        raise Failure(f"no kernel's name matches {pattern}")
    times = {name: {"strata": [], "pytorch": []} for name in names}
    for seed in range(1, options.rounds + 1):
        say(f"Round {seed} of {options.rounds}: {len(names)} kernels")
        for who in random.Random(seed).sample(("strata", "pytorch"), 2):
            measured = own_times(runner, program, pattern) if who == "strata" else torch_times(runner, names)
            for name, seconds in measured.items():
                if name in times:
                    times[name][who].append(seconds)
    return times
