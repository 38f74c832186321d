"""The data of the Python peers: the same as those of strata and of the peers in C++ (benchmarks/samples.hpp)."""
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PARTS = {"train": 1, "t10k": 2}  # and the seeds of random images in their place


@dataclass
class Split:
    """Images of float32 in [0, 1], N x rows x columns x channels, and their classes."""

    images: np.ndarray
    labels: np.ndarray


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


def random_bits(seed, first, count):
    """The draws first, ..., first + count - 1 of strata's random_stream(seed, 0): Philox 4x32-10, of 64 bits each."""
    low = np.uint64(0xFFFFFFFF)
    high = np.uint64(32)
    blocks = np.arange(first // 2, (first + count + 1) // 2, dtype=np.uint64)
    zeros = np.zeros_like(blocks)
    counter = [blocks & low, blocks >> high, zeros, zeros]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * counter[0], np.uint64(0xCD9E8D57) * counter[2]
        counter = [(b >> high) ^ counter[1] ^ np.uint64(key[0]), b & low,
                   (a >> high) ^ counter[3] ^ np.uint64(key[1]), a & low]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    pairs = np.stack([counter[1] << high | counter[0], counter[3] << high | counter[2]], 1)
    return pairs.reshape(-1)[first % 2:first % 2 + count]


def random_split(shape, total, seed, count):
    """The first `count` of `total` random images, with random classes."""
    size = int(np.prod(shape))
    pixels = (random_bits(seed, 0, count * size) >> np.uint64(11)) * 2.0**-53
    labels = (random_bits(seed, total * size, count) >> np.uint64(32)) * np.uint64(10) >> np.uint64(32)
    return Split(pixels.astype(np.float32).reshape(count, *shape), labels.astype(np.int32))


def load(network, folder, part, most):
    """At most so many samples of a part, "train" or "t10k"."""
    if network.samples:
        return random_split(network.input, network.samples, PARTS[part], min(most, network.samples))
    split = mnist(folder, part)
    return Split(split.images[:most], split.labels[:most])
