"""PyTorch's kernels: `torch_kernels.py NAME...` times the passes of these names, as kernels_bench calls them, at batch
32 on one thread, and prints {name: seconds} as JSON, processor time. Names of another form are left out."""
import json
import re
import sys
import time

import torch
from torch.nn import functional

BATCH = 32
SECONDS = 0.2  # at least, for each candidate
CONV = re.compile(r"conv2d_(\d+)x(\d+)x(\d+)_f(\d+)_k(\d+)_s(\d+)_d(\d+)_(same|valid)/(\w+)$")
DENSE = re.compile(r"dense_(\d+)x(\d+)/(\w+)$")


def conv2d(rows, columns, channels, filters, kernel, stride, dilation, padding, work, memory_format):
    """One pass of a convolution. Keras pads an odd total more behind than before; PyTorch knows only equal padding, so
    the half is rounded up: the output and the work are of the same size."""
    def padded(inputs):
        outputs = -(-inputs // stride)
        return -(-max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - inputs) // 2), outputs

    same = padding == "same"
    pads = [padded(rows)[0], padded(columns)[0]] if same else [0, 0]
    x = torch.randn(BATCH, channels, rows, columns).to(memory_format=memory_format)
    w = torch.randn(filters, channels, kernel, kernel).to(memory_format=memory_format)
    b = torch.randn(filters)
    strides, dilations = [stride] * 2, [dilation] * 2
    y = torch.conv2d(x, w, b, strides, pads, dilations)
    assert not same or y.shape[2:] == (padded(rows)[1], padded(columns)[1])
    if work == "forward":
        return lambda: torch.conv2d(x, w, b, strides, pads, dilations)
    gradient = torch.randn_like(y)
    wanted = {"input_gradient": [True, False, False], "weight_gradient": [False, True, False]}[work]
    return lambda: torch.ops.aten.convolution_backward(gradient, x, w, None, strides, pads, dilations, False, [0, 0], 1,
                                                       wanted)


def dense(inputs, units, work, kept_as):
    """One pass of a dense layer, with the kernel kept as units x inputs, as nn.Linear does, or the other way round."""
    x, b, gradient = torch.randn(BATCH, inputs), torch.randn(units), torch.randn(BATCH, units)
    w = torch.randn(units, inputs) if kept_as == "units x inputs" else torch.randn(inputs, units).t()
    return {"forward": lambda: functional.linear(x, w, b),
            "weight_gradient": (lambda: gradient.t() @ x) if w.is_contiguous() else (lambda: x.t() @ gradient),
            "input_gradient": lambda: gradient @ w}[work]


def candidates(name):
    """The ways of PyTorch to do what the name says, of which the fastest counts; none for what it does not know."""
    passes = ("forward", "weight_gradient", "input_gradient")
    if (match := CONV.match(name)) and match[9] in passes:
        sizes = [int(value) for value in match.groups()[:7]]
        return [conv2d(*sizes, match[8], match[9], memory_format)
                for memory_format in (torch.contiguous_format, torch.channels_last)]
    if (match := DENSE.match(name)) and match[3] in passes:
        return [dense(int(match[1]), int(match[2]), match[3], kept_as)
                for kept_as in ("units x inputs", "inputs x units")]
    return []


def seconds_of(work):
    """The processor's time for a call, as kernels_bench counts it, after one that is not counted."""
    work()
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        work()
        calls += 1
    return spent / calls


def main():
    torch.set_num_threads(1)
    result = {}
    with torch.inference_mode():
        for name in sys.argv[1:]:
            times = [seconds_of(work) for work in candidates(name)]
            if times:
                result[name] = min(times)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
