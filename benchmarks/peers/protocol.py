"""The protocol of the peers: the command line, the data, the clock and the line of JSON. A Python peer is a function
that builds a model from a `Case`, handed to `main`; the model has some of

    epoch(order) -> mean loss      one epoch of training over the training samples in this order
    predict() -> array             the probabilities of all test samples, in batches of case.batch
    one(image) -> array            the probabilities of one image, an array of (1, rows, columns, channels)
"""
import argparse
import gc
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data import Split, load
from networks import NETWORKS, Network

ADAM = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


@dataclass
class Case:
    """What is to be measured, and with what: `parameters` are the arrays of network.tensors(), `data` the samples of
    the mode, to train with or to predict."""

    network: Network
    mode: str
    batch: int
    threads: int
    variant: str
    parameters: list
    data: Split

    def batches(self):
        """The images of one batch after the other."""
        return [self.data.images[start:start + self.batch] for start in range(0, len(self.data.labels), self.batch)]


def read_parameters(network, path):
    """The arrays of network.tensors(), from the safetensors file that networks.write_first_parameters wrote."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])

    def tensor(name):
        entry = header[name]
        first, last = entry["data_offsets"]
        return np.frombuffer(data[start + first:start + last], np.float32).reshape(entry["shape"])

    return [tensor(each.name) for each in network.tensors()]


def measure_epochs(model, case, repeats, seed):
    """The loss of the first epoch, which is not timed, and the seconds of the others, each with its shuffling."""
    random = np.random.default_rng(seed)
    count = len(case.data.labels)
    loss = model.epoch(random.permutation(count))
    return {"loss": float(loss), "samples": count,
            "seconds": [seconds_of(lambda: model.epoch(random.permutation(count))) for _ in range(repeats)]}


def measure_predictions(model, case, repeats):
    """The passes of the test samples; the first, which is not timed, gives the prediction of the first sample."""
    first = np.array(model.predict()[0])
    return {"prediction": [float(value) for value in first], "samples": len(case.data.labels),
            "seconds": [seconds_of(model.predict) for _ in range(repeats)]}


def measure_single(model, case, repeats):
    """Calls with one image after the other, in blocks of about a second; percentiles over all blocks."""
    images = [np.ascontiguousarray(image[None]) for image in case.data.images[:1000]]
    first = np.array(model.one(images[0])[0])  # a copy: peers may hand out the same buffer again
    once = min(seconds_of(lambda: [model.one(image) for image in images[:100]]) for _ in range(3)) / 100
    calls = int(min(max(200, 1 / once), 100_000))
    gc.collect()
    gc.freeze()
    blocks = []
    for _ in range(repeats):
        times = np.empty(calls)
        for call in range(calls):
            image = images[call % len(images)]
            start = time.perf_counter()
            model.one(image)
            times[call] = time.perf_counter() - start
        blocks.append(times)
    microseconds = 1e6 * np.concatenate(blocks)
    percentiles = {name: float(np.percentile(microseconds, rank))
                   for name, rank in (("p50", 50), ("p99", 99), ("p999", 99.9), ("max", 100))}
    return {"prediction": [float(value) for value in first], "samples": 1, "percentiles_us": percentiles,
            "seconds": [float(np.median(times)) for times in blocks]}


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--mode", choices=("train", "predict", "one"), required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--samples", type=int, default=2**31, help="at most so many")
    parser.add_argument("--data", default=str(Path(__file__).parents[2] / "data/mnist"))
    parser.add_argument("--variant", default="")
    parser.add_argument("--weights", required=True, help="safetensors file of the parameters to start from")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the samples")
    return parser.parse_args()


def main(peer, version, build):
    """Measures what the command line asks for and prints it as one line of JSON."""
    chosen = parse()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not mix with the line of JSON
    network = NETWORKS[chosen.network]
    data = load(network, chosen.data, "train" if chosen.mode == "train" else "t10k", chosen.samples)
    case = Case(network, chosen.mode, chosen.batch, chosen.threads, chosen.variant,
                read_parameters(network, chosen.weights), data)
    model = build(case)
    if chosen.mode == "train":
        result = measure_epochs(model, case, chosen.repeats, chosen.seed)
    elif chosen.mode == "predict":
        result = measure_predictions(model, case, chosen.repeats)
    else:
        result = measure_single(model, case, chosen.repeats)
    result = {"peer": peer, "variant": chosen.variant, "version": version, "network": chosen.network,
              "mode": chosen.mode, "batch": chosen.batch, "threads": chosen.threads, "loss": None,
              "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "percentiles_us": None, **result}
    print(json.dumps(result), file=out, flush=True)
    sys.stderr.flush()
    os._exit(0)  # some runtimes take seconds to shut their threads down
