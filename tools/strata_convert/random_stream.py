"""strata's random numbers (include/strata/core/random.hpp): Philox 4x32-10, as far as self-tests need them."""
import numpy as np

MASK = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(first: np.ndarray) -> np.ndarray:
    """Four random words for each first word of a counter, under the key zero (Salmon, Moraes, Dror, Shaw 2011)."""
    words = np.zeros((4, len(first)), np.uint64)
    words[0], words[1] = first & MASK, first >> HALF
    for step in range(10):
        low, high = np.uint64(step * 0x9E3779B9 & 0xFFFFFFFF), np.uint64(step * 0xBB67AE85 & 0xFFFFFFFF)
        a, b = np.uint64(0xD2511F53) * words[0], np.uint64(0xCD9E8D57) * words[2]
        words = np.stack([(b >> HALF) ^ words[1] ^ low, b & MASK, (a >> HALF) ^ words[3] ^ high, a & MASK])
    return words


def self_test_sample(size: int, indices: int) -> np.ndarray:
    """The sample of a self-test: numbers in [0, 1), or one of `indices` indices (include/strata/io/self_test.hpp)."""
    words = philox(np.arange((size + 1) // 2, dtype=np.uint64))
    numbers = (words[1::2] << HALF | words[::2]) >> np.uint64(11)
    sample = numbers.T.ravel()[:size] * 2.0**-53
    return (np.floor(sample * indices) if indices else sample).astype(np.float32)
