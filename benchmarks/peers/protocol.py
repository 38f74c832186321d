"""The protocol of the peers: the command line, the data, the clock and the line of JSON. A Python peer is a function
that builds a model from a `Case`, handed to `main`; the model has some of

    epoch(order) -> mean loss      one epoch of training over the training samples in this order
    predict() -> array             the probabilities of all test samples, in batches of case.batch
    one(image) -> array            the probabilities of one image, an array of (1, rows, columns, channels)
"""
import argparse
import gc
import gzip
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from networks import NETWORKS, Network, kernels

ADAM = {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


@dataclass
class Split:
    """Images of float32 in [0, 1], N x rows x columns x channels, and their classes."""

    images: np.ndarray
    labels: np.ndarray


@dataclass
class Case:
    """What is to be measured, and with what."""

    network: Network
    mode: str
    batch: int
    threads: int
    variant: str
    parameters: list
    train: Split
    test: Split


def read_parameters(network, path):
    """Kernels and biases in turn, from the safetensors file that networks.write_first_parameters wrote."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])

    def tensor(name):
        entry = header[name]
        first, last = entry["data_offsets"]
        return np.frombuffer(data[start + first:start + last], np.float32).reshape(entry["shape"])

    return [tensor(f"{name}/{part}") for name, _, _ in kernels(network) for part in ("kernel", "bias")]


def read_idx(path):
    """The array of an idx file of bytes, packed with gzip or not."""
    packed = Path(f"{path}.gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else Path(path).read_bytes()
    rank = data[3]
    shape = np.frombuffer(data, ">u4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def mnist(folder, part):
    images = read_idx(Path(folder) / f"{part}-images-idx3-ubyte")
    labels = read_idx(Path(folder) / f"{part}-labels-idx1-ubyte")
    return Split((images[..., None] / np.float32(255)).astype(np.float32), labels.astype(np.int32))


def random_split(shape, count, seed):
    random = np.random.default_rng(seed)
    images = random.random((count, *shape), np.float32)
    return Split(images, random.integers(0, 10, count, np.int32))


def load(network, folder):
    if network == "vgg":
        return random_split((32, 32, 3), 2048, 1), random_split((32, 32, 3), 2048, 2)
    return mnist(folder, "train"), mnist(folder, "t10k")


def measure_epochs(model, case, repeats, seed):
    """The loss of the first epoch, which is not timed, and the seconds of the others, each with its shuffling."""
    random = np.random.default_rng(seed)
    count = len(case.train.labels)
    loss = model.epoch(random.permutation(count))
    return {"loss": float(loss), "samples": count,
            "seconds": [seconds_of(lambda: model.epoch(random.permutation(count))) for _ in range(repeats)]}


def measure_predictions(model, case, repeats):
    """The passes of the test samples; the first, which is not timed, gives the prediction of the first sample."""
    first = np.array(model.predict()[0])
    return {"prediction": [float(value) for value in first], "samples": len(case.test.labels),
            "seconds": [seconds_of(model.predict) for _ in range(repeats)]}


def measure_single(model, case, repeats):
    """Calls with one image after the other, in blocks of about a second; percentiles over all blocks."""
    images = [np.ascontiguousarray(image[None]) for image in case.test.images[:1000]]
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
    train, test = load(chosen.network, chosen.data)
    case = Case(network, chosen.mode, chosen.batch, chosen.threads, chosen.variant,
                read_parameters(network, chosen.weights), train, test)
    model = build(case)
    if chosen.mode == "train":
        result = measure_epochs(model, case, chosen.repeats, chosen.seed)
    elif chosen.mode == "predict":
        result = measure_predictions(model, case, chosen.repeats)
    else:
        result = measure_single(model, case, chosen.repeats)
    if chosen.network == "vgg":
        result["data"] = "numpy's"  # other random images than those of the peers in C++
    result = {"peer": peer, "variant": chosen.variant, "version": version, "network": chosen.network,
              "mode": chosen.mode, "batch": chosen.batch, "threads": chosen.threads, "loss": None,
              "peak_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "percentiles_us": None, **result}
    print(json.dumps(result), file=out, flush=True)
    sys.stderr.flush()
    os._exit(0)  # some runtimes take seconds to shut their threads down
