"""The command `benchmarks/compare`: prepares, measures, and writes the report."""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import registry
from kernel_rounds import measure_kernels
from report_tables import markdown
from networks import NETWORKS
from report_plot import svg
from prepare import ROOT, build, install, say
from rounds import Comparison, Failure, Runner
from report_test import self_test


def parse():
    all_cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(
        prog="benchmarks/compare", description="Measures strata beside other libraries and writes compare.json, "
        "compare.md and compare.svg. Needs an idle machine, and without --quick a few hours.")
    parser.add_argument("--peers", nargs="+", default=[], metavar="PEER",
                        help=f"only these, and strata: {' '.join(peer.id for peer in registry.PEERS)}; a name without "
                        "its variant stands for all of them")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--modes", nargs="+", choices=("train", "predict", "one"), default=["train", "predict", "one"])
    parser.add_argument("--batches", nargs="+", type=int, default=[32, 128], metavar="N", help="of training")
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, all_cores}), metavar="N",
                        help="default: 1 and all cores")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="each peer once in each (default: 5)")
    parser.add_argument("--repeats", type=int, default=1, metavar="N", help="timed epochs of a round (default: 1)")
    parser.add_argument("--samples", type=int, metavar="N", help="at most so many of the data (default: all)")
    parser.add_argument("--prediction-batch", type=int, metavar="N", help="for all peers (default: each one's best)")
    parser.add_argument("--name", default="compare", help="of the three files (default: compare)")
    parser.add_argument("--quick", action="store_true",
                        help="LeNet-5 with a batch of 32, one round: to see that all runs, not to be quoted")
    parser.add_argument("--no-kernels", action="store_true", help="leave out the kernels against PyTorch's")
    parser.add_argument("--kernels", default="", metavar="REGEX", help="only kernels whose names match")
    parser.add_argument("--work", type=Path, default=ROOT / "build/compare", metavar="DIR",
                        help="for all that is built")
    parser.add_argument("--venv", type=Path, metavar="DIR", help="default: venv in the folder of --work")
    parser.add_argument("--strata", type=Path, metavar="PROGRAM", help="instead of the networks_bench of this tree")
    parser.add_argument("--programs", type=Path, metavar="DIR", help="the programs in C++ are there; build nothing")
    parser.add_argument("--data", type=Path, default=ROOT / "data/mnist", metavar="DIR", help="MNIST's four files")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results", metavar="DIR")
    parser.add_argument("--timeout", type=int, default=1800, metavar="SECONDS", help="for one run of one peer")
    parser.add_argument("--report-only", action="store_true", help="write the table and the plot of the JSON again")
    parser.add_argument("--self-test", action="store_true", help="check the report with a small made-up result")
    options = parser.parse_args()
    options.work = options.work.resolve()
    options.venv = (options.venv or options.work / "venv").absolute()
    if options.quick:
        options.networks, options.batches, options.rounds = options.networks[:1], options.batches[:1], 1
    if min(options.threads) < 1 or max(options.threads) > all_cores:
        parser.error(f"there are {all_cores} cores to run on")
    return options


def said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def about(options):
    """Where, when and how it was measured; asked before anything runs."""
    lines = (line.split(":", 1) for line in said("lscpu").splitlines() if ":" in line)
    cpu = {name.strip(): value.strip() for name, value in lines}
    caches = ", ".join(f"{name} {cpu[name]}" for name in ("L1d cache", "L2 cache", "L3 cache") if name in cpu)
    quick = ["quick: one round, not to be quoted"] if options.quick else []
    return {
        "command": "benchmarks/compare " + " ".join(sys.argv[1:]),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "machine": f"{cpu.get('Model name', platform.machine())}, cores: {len(os.sched_getaffinity(0))}; {caches}",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, "
                  f"load {os.getloadavg()[0]:.2f} before the run",
        "commit": said("git", "describe", "--always", "--dirty"),
        "rounds": "; ".join([f"{options.rounds}, timed epochs of each peer in a round: {options.repeats}", *quick]),
    }


def compiler_of(programs):
    """The compiler of the programs in C++ and its options, from the cache of CMake beside their folder."""
    try:
        lines = (programs.parent / "CMakeCache.txt").read_text().splitlines()
    except OSError:
        return "unknown"
    cache = {name.split(":")[0]: value for name, _, value in (line.partition("=") for line in lines)}
    version = said(cache.get("CMAKE_CXX_COMPILER", ""), "--version").splitlines()[0]
    return f"{version}, {cache.get('CMAKE_BUILD_TYPE', '')} with -march={cache.get('STRATA_MARCH', '')}"


def json_text(report):
    """One line for each run and each kernel."""
    def lines(values):
        opening, closing = ("[", "]") if isinstance(values, list) else ("{", "}")
        items = [json.dumps(each) for each in values] if isinstance(values, list) else \
            [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in values.items()]
        return opening + ",".join("\n  " + item for item in items) + "\n " + closing
    return "{" + ",".join(f"\n {json.dumps(name)}: {lines(part)}" for name, part in report.items()) + "\n}\n"


def write(report, options):
    folder, name = options.results, options.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json_text(report))
    (folder / f"{name}.md").write_text(markdown(report, f"{name}.svg"))
    (folder / f"{name}.svg").write_text(svg(report))
    say(f"Written: {name}.json, {name}.md and {name}.svg in {folder}")


def prepared(options, report):
    """The peers that can run and the folder of the programs in C++."""
    peers = registry.chosen(options.peers)
    options.work.mkdir(parents=True, exist_ok=True)
    missing = install(peers, options.venv, options.work / "install.log")
    programs = options.programs
    if not programs:
        programs, unbuilt = build(peers, [] if options.no_kernels else ["kernels_bench"], options.work / "build.log")
        if options.strata:
            unbuilt.pop(registry.STRATA, None)
        missing.update(unbuilt)
    for peer, why in missing.items():
        say(f"Left out: {peer.title}: {why}")
    report["skipped"] += [f"{peer.title}: {why}" for peer, why in missing.items()]
    return [peer for peer in peers if peer not in missing], programs


def measure(options):
    """Each part is written as soon as it is there: what was measured before an interruption is worth keeping."""
    report = {"about": about(options), "runs": [], "kernels": {}, "skipped": []}
    peers, programs = prepared(options, report)
    report["about"]["compiler"] = compiler_of(programs)
    runner = Runner(options, options.work, programs)
    comparison = Comparison(runner, peers, options)
    try:
        comparison.run()
    finally:
        report["runs"] = comparison.runs
        report["skipped"] += comparison.skipped
        write(report, options)
    if programs and not options.no_kernels and any(peer.name == "pytorch" for peer in peers):
        try:
            report["kernels"] = measure_kernels(runner, options)
        except Failure as failure:
            report["skipped"].append(f"kernels against PyTorch's: {failure}")
        write(report, options)


def main():
    options = parse()
    if options.self_test:
        return self_test()
    try:
        if options.report_only:
            write(json.loads((options.results / f"{options.name}.json").read_text()), options)
        else:
            measure(options)
    except (ValueError, OSError) as error:
        print(f"benchmarks/compare: {error}", file=sys.stderr)
        return 1
    return 0
