"""What the runs come to: medians, ratios to strata, and what does not agree."""
import math
import statistics
from dataclasses import dataclass, field

from networks import NETWORKS

TOLERANCE = 0.02  # of a first epoch's loss, around the median of the peers
ALIKE = 1e-5  # between predictions from the same parameters
OWN = "strata"


@dataclass
class Result:
    """All runs of one peer in one case."""

    seconds: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    predictions: dict = field(default_factory=dict)  # of the first test sample, by seed
    percentiles: list = field(default_factory=list)
    rss: int = 0
    batch: int = 0

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def loss(self):
        return statistics.fmean(self.losses) if self.losses else None


def case_of(run):
    """Network, mode, batch and threads; predictions take each peer's best batch, so theirs is no part of the case."""
    return run["network"], run["mode"], run["batch"] if run["mode"] == "train" else None, run["threads"]


def case_text(case):
    _, mode, batch, threads = case
    what = {"train": f"an epoch, batch {batch}", "predict": "all test samples", "one": "one sample"}[mode]
    return f"{what}, {threads} thread{'s' if threads > 1 else ''}"


def summarize(runs):
    """{case: {title: Result}}, in the order of the runs; the peers of a case from the fastest to the slowest."""
    cases = {}
    for run in runs:
        result = cases.setdefault(case_of(run), {}).setdefault(run["title"], Result())
        result.seconds += run["seconds"]
        result.batch = run["batch"]
        result.rss = max(result.rss, run["peak_rss_kib"])
        if run.get("loss") is not None:
            result.losses.append(run["loss"])
        if run.get("percentiles_us"):
            result.percentiles.append(run["percentiles_us"])
        if run.get("prediction"):
            result.predictions[run["seed"]] = run["prediction"]
    return {case: dict(sorted(results.items(), key=lambda item: item[1].median)) for case, results in cases.items()}


def disagreements(cases):
    """A line for each loss that is too far from the median of the peers, and each prediction unlike the others'. Where
    training draws random numbers of its own only predictions are compared."""
    lines = []
    for case, results in cases.items():
        where = f"{case[0]}, {case_text(case)}"
        losses = {title: result.loss for title, result in results.items()
                  if result.loss is not None and not NETWORKS[case[0]].draws}
        middle = statistics.median(losses.values()) if losses else 0
        for title, loss in losses.items():
            if not abs(loss - middle) <= TOLERANCE * middle:
                lines.append(f"{where}: the loss of {title}, {loss:.4f}, is {100 * (loss / middle - 1):+.1f} % "
                             f"from the median of the peers, {middle:.4f}")
        for seed in sorted({seed for result in results.values() for seed in result.predictions}):
            given = {title: r.predictions[seed] for title, r in results.items() if seed in r.predictions}
            usual = [statistics.median(column) for column in zip(*given.values())]
            for title, prediction in given.items():
                if not max(abs(a - b) for a, b in zip(prediction, usual)) <= ALIKE:
                    lines.append(f"{where}: {title} predicts otherwise than the others from the same parameters")
    return lines


def speedups(cases):
    """{case: (the title of the fastest other peer, its median in that of strata)}, where both are there."""
    found = {}
    for case, results in cases.items():
        others = [title for title in results if title != OWN]
        if OWN in results and others:
            found[case] = others[0], results[others[0]].median / results[OWN].median
    return found


def kernel_rows(kernels):
    """{shape: {pass: (strata's seconds, PyTorch's seconds)}}, medians over the rounds."""
    rows = {}
    for name, times in kernels.items():
        if times.get("strata") and times.get("pytorch"):
            shape, work = name.split("/")
            rows.setdefault(shape, {})[work] = tuple(statistics.median(times[who]) for who in ("strata", "pytorch"))
    return rows


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))
