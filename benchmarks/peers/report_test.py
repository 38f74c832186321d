"""Checks the report with a small made-up result: `benchmarks/compare --self-test`."""
import copy
import sys
import xml.etree.ElementTree as xml

import registry
from layers import Conv2D
from networks import NETWORKS
from report_plot import svg
from report_summary import disagreements, kernel_rows, speedups, summarize
from report_tables import markdown, time_text


def run(title, mode, seconds, threads=1, **more):
    return {"peer": title, "title": title, "variant": "", "version": "1.0", "network": "lenet5", "mode": mode,
            "batch": 32, "threads": threads, "seconds": seconds, "loss": 0.25 if mode == "train" else None,
            "samples": 100, "peak_rss_kib": 2048, "seed": 1, **more}


REPORT = {
    "about": {"machine": "a machine <of ours>", "date": "2000-01-01"},
    "skipped": ["dlib: could not be built"],
    "kernels": {"dense_2x3/forward": {"strata": [1e-6, 2e-6, 9e-6], "pytorch": [8e-6, 8e-6, 1e-5]},
                "dense_2x3/weight_gradient": {"strata": [1e-6], "pytorch": [5e-7]},
                "dense_2x3/input_gradient": {"strata": [1e-6], "pytorch": []},
                "dense_4x5/forward": {"strata": [1e-6], "pytorch": [2e-6]}},
    "runs": [
        run("Other & Co", "train", [7.0, 6.0]),
        run("strata", "train", [0.5, 1.0, 30.0]),
        run("Other & Co", "train", [8.0], loss=0.252),
        run("Third", "train", [2.5], loss=0.248),
        run("strata", "predict", [0.05], prediction=[0.25, 0.75]),
        run("Other & Co", "predict", [0.1], batch=512, prediction=[0.250005, 0.749995]),
        run("strata", "one", [5e-6], percentiles_us={"p50": 5.0, "p99": 6.0, "p999": 7.0, "max": 80.0}),
    ],
}


def changed_runs(index, **more):
    runs = copy.deepcopy(REPORT["runs"])
    runs[index].update(more)
    return runs


def changed(index, **more):
    return disagreements(summarize(changed_runs(index, **more)))


def checks():
    """Pairs of what is expected and whether it is so."""
    cases = summarize(REPORT["runs"])
    trained = cases["lenet5", "train", 32, 1]
    text, drawing = markdown(REPORT), svg(REPORT)
    yield "the fastest peer comes first", list(trained) == ["strata", "Third", "Other & Co"]
    yield "the rounds of a peer come together", trained["Other & Co"].seconds == [7.0, 6.0, 8.0]
    yield "a median is no mean", trained["strata"].median == 1.0
    yield "predictions with different batches are one case", len(cases["lenet5", "predict", None, 1]) == 2
    yield "what agrees is not reported", disagreements(cases) == []
    yield "a loss 3 % away is reported", any("Third" in line and "loss" in line for line in changed(3, loss=0.2425))
    yield "a loss that is no number is reported", any("Third" in line for line in changed(3, loss=float("nan")))
    yield "another prediction is reported", any("predicts" in line for line in changed(5, prediction=[0.2501, 0.7499]))
    yield "another seed is not compared", changed(5, prediction=[0.3, 0.7], seed=2) == []
    yield "losses of networks with dropout are not compared", disagreements(summarize(
        [{**each, "network": "mlp_normalized"} for each in changed_runs(3, loss=1.0)])) == []
    yield "the fastest other peer, and its ratio", speedups(cases) == {
        ("lenet5", "train", 32, 1): ("Third", 2.5), ("lenet5", "predict", None, 1): ("Other & Co", 2.0)}
    yield "the geometric mean of the fastest", "Geometric mean of all 2: **2.24**; the least is 2.00." in text
    yield "medians of kernels, and none without a peer", kernel_rows(REPORT["kernels"]) == {
        "dense_2x3": {"forward": (2e-6, 8e-6), "weight_gradient": (1e-6, 5e-7)},
        "dense_4x5": {"forward": (1e-6, 2e-6)}}
    yield "the ratio of a row stands in the table", "| Other & Co | 7.00 s (7.0) | 100 ms (2.0) |" in text
    yield "the ratio of a kernel, and bold where strata is slower", (
        "2.00 µs, 8.00 µs: 4.00 |" in text and "**1.00 µs, 500 ns: 0.50**" in text)
    yield "their geometric mean, and how many are slower", "of all 3: **1.59**; strata is slower in 1." in text
    yield "percentiles stand in the table", "5.0 / 6.0 / 7.0 / 80.0" in text
    yield "what was left out is said", "dlib: could not be built" in text
    yield "every row has as many cells as its head", all(
        len({line.count("|") for line in block.splitlines() if line.startswith("|")}) <= 1
        for block in text.split("\n\n"))
    yield "times have three digits", [time_text(s) for s in (12.34, 0.999, 1.5e-5, 0.1234)] == [
        "12.3 s", "999 ms", "15.0 µs", "123 ms"]
    bars = [node for node in xml.fromstring(drawing).iter() if node.tag.endswith("rect")]
    yield "the plot has a bar for each peer and case, and a background", len(bars) == 1 + 3 + 2 + 1
    lengths = [float(node.get("width")) for node in bars[1:4]]
    yield "bars are as long as the medians", abs(lengths[2] / lengths[0] - 7) < 0.3
    yield "every peer has a name of its own", len({peer.id for peer in registry.PEERS}) == len(registry.PEERS)
    chosen = [peer.id for peer in registry.chosen(["jax", "pytorch:eager"])]
    yield "a peer in C++ offers some networks, another one all", [
        sum(peer.offers(network, "train") for network in NETWORKS) for peer in registry.PEERS
        if peer.id in ("pytorch:eager", "dlib", "openvino")] == [len(NETWORKS), 0, 3]
    yield "tensors have the names and shapes of strata's files", [
        (tensor.name, tensor.shape) for tensor in list(NETWORKS["resnet20"].tensors())[-7:-1]] == [
        ("conv2d_20/kernel", (3, 3, 64, 64)), *((f"batch_normalization_20/{part}", (64,)) for part in (
            "gamma", "beta", "moving_mean", "moving_variance")), ("dense/kernel", (64, 10))]
    yield "what strides leave over is padded behind", [
        Conv2D(1, kernel, padding, strides=strides, dilation=dilation).pads(32) for kernel, padding, strides, dilation
        in ((3, "same", 2, 1), (1, "same", 2, 1), (5, "same", 1, 1), (3, "causal", 1, 8), (3, "valid", 1, 1))] == [
        (0, 1), (0, 0), (2, 2), (16, 0), (0, 0)]
    yield "peers are chosen by name and by variant", chosen == ["strata", "pytorch:eager", "jax"]


def self_test():
    failed = [what for what, holds in checks() if not holds]
    for what in failed:
        print(f"failed: {what}", file=sys.stderr)
    print(f"{len(list(checks())) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
