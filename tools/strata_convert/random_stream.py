"""strata's random numbers (include/strata/core/random.hpp): Philox 4x32-10, as far as self-tests need them."""
from typing import List, Tuple

import numpy as np

Words = Tuple[int, int, int, int]


def philox(counter: Words, key: Tuple[int, int]) -> Words:
    """Four random words for each counter and key (Salmon, Moraes, Dror, Shaw 2011)."""
    words, low, high = counter, key[0], key[1]
    mask = 0xFFFFFFFF
    for _ in range(10):
        a, b = 0xD2511F53 * words[0], 0xCD9E8D57 * words[2]
        words = ((b >> 32) ^ words[1] ^ low, b & mask, (a >> 32) ^ words[3] ^ high, a & mask)
        low, high = (low + 0x9E3779B9) & mask, (high + 0xBB67AE85) & mask
    return words


def self_test_sample(size: int, indices: int) -> np.ndarray:
    """The sample of a self-test: numbers in [0, 1), or one of `indices` indices (include/strata/io/self_test.hpp)."""
    values: List[float] = []
    for position in range((size + 1) // 2):
        words = philox((position & 0xFFFFFFFF, position >> 32, 0, 0), (0, 0))
        for low, high in (words[:2], words[2:]):
            values.append(((high << 32 | low) >> 11) * 2.0**-53)
    sample = np.array(values[:size])
    return (np.floor(sample * indices) if indices else sample).astype(np.float32)
