"""The tables of the comparison."""
from networks import NETWORKS
from report_summary import (OWN, TOLERANCE, case_text, disagreements, geometric_mean, kernel_rows, speedups, summarize)

PASSES = ("forward", "weight_gradient", "input_gradient")


def time_text(seconds):
    """With three digits, in the unit that suits."""
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 0.9995:
            break
    else:
        unit, scale = "ns", 1e9
    value = seconds * scale
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"


def table(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def cell(result, own):
    if not result:
        return ""
    ratio = f" ({result.median / own.median:.1f})" if own and result is not own else ""
    return time_text(result.median) + ratio


def network_section(network, cases):
    """One table: a row for each peer, a column for each case."""
    columns = {case: results for case, results in cases.items() if case[0] == network}
    titles = list(dict.fromkeys(title for results in columns.values() for title in results))
    rows = [[f"**{title}**" if title == OWN else title,
             *(cell(results.get(title), results.get(OWN)) for results in columns.values())] for title in titles]
    return f"## {NETWORKS[network].title}\n\n" + table(["", *map(case_text, columns)], rows)


def speedup_section(cases):
    """The fastest other peer of each case, a row for each network."""
    found = speedups(cases)
    if not found:
        return ""
    columns = list(dict.fromkeys(case[1:] for case in found))
    ratios = [ratio for _, ratio in found.values()]

    def text(case):
        if case not in found:
            return ""
        title, ratio = found[case]
        return f"{ratio:.2f}, {title}" if ratio >= 1 else f"**{ratio:.2f}, {title}**"

    rows = [[NETWORKS[network].title, *(text((network, *column)) for column in columns)]
            for network in NETWORKS if any(case[0] == network for case in found)]
    return ("## The fastest other peer\n\nIts time in strata's; bold where strata is slower.\n\n"
            + table(["", *(case_text((None, *column)) for column in columns)], rows)
            + f"Geometric mean of all {len(ratios)}: **{geometric_mean(ratios):.2f}**; the least is "
              f"{min(ratios):.2f}.\n\n")


def detail_section(cases):
    """All values, and what else was measured."""
    rows = []
    for case, results in cases.items():
        for title, result in results.items():
            calls = result.percentiles[-1] if result.percentiles else {}
            rows.append([f"{case[0]}, {case_text(case)}", title, str(result.batch),
                         " ".join(f"{value:.4g}" for value in result.seconds),
                         f"{result.loss:.4f}" if result.losses else "",
                         " / ".join(f"{calls[name]:.1f}" for name in ("p50", "p99", "p999", "max")) if calls else "",
                         f"{result.rss / 1024:.0f}"])
    return "## All values\n\n" + table(
        ["case", "peer", "batch", "seconds", "first epoch's loss", "p50 / p99 / p99.9 / max, µs", "peak MiB"], rows)


def kernel_section(kernels):
    rows = kernel_rows(kernels)
    if not rows:
        return ""
    lines, ratios = [], {work: [] for work in PASSES}
    for shape, passes in rows.items():
        line = [shape]
        for work in PASSES:
            if work in passes:
                own, other = passes[work]
                ratios[work].append(other / own)
                text = f"{time_text(own)}, {time_text(other)}: {other / own:.2f}"
                line.append(text if other >= own else f"**{text}**")
            else:
                line.append("")
        lines.append(line)
    lines.append(["geometric mean", *(f"{geometric_mean(r):.2f}" if r else "" for r in ratios.values())])
    everything = [ratio for work in ratios.values() for ratio in work]
    slower = sum(ratio < 1 for ratio in everything)
    return ("## Kernels against PyTorch's\n\nBatch 32, one thread, medians: strata, PyTorch (the better of both memory "
            "formats): PyTorch's time in strata's. Bold where strata is slower.\n\n"
            + table(["", *(work.replace("_", " ") for work in PASSES)], lines)
            + f"Geometric mean of all {len(everything)}: **{geometric_mean(everything):.2f}**; strata is slower in "
              f"{slower}.\n\n")


def markdown(report, plot="compare.svg"):
    cases = summarize(report["runs"])
    about = [f"- {name}: {value}" for name, value in report["about"].items()]
    versions = ", ".join(f"{peer} {version}" for peer, version in versions_of(report["runs"]).items())
    agreement = disagreements(cases) or [
        f"The losses of the first epoch agree within {100 * TOLERANCE:.0f} % in all cases of training "
        f"({sum(case[1] == 'train' and not NETWORKS[case[0]].draws for case in cases)}), the predictions in all of the "
        "others."]
    agreement += [f"{network}: training draws random numbers, so that losses are not compared." for network in NETWORKS
                  if NETWORKS[network].draws and any(case[:2] == (network, "train") for case in cases)]
    return "".join([
        "# strata beside other libraries\n\n",
        "Written by `benchmarks/compare`; the rules and each peer's settings: [benchmarks/README.md](../README.md). "
        f"Medians; in brackets how many times strata's time that is.\n\n![bars]({plot})\n\n",
        "\n".join(about), f"\n- versions: {versions}\n\n" if versions else "\n\n",
        speedup_section(cases),
        *(network_section(network, cases) for network in NETWORKS if any(case[0] == network for case in cases)),
        kernel_section(report.get("kernels", {})),
        "## Checks\n\n",
        "\n".join(f"- {line}" for line in agreement),
        "".join(f"\n- left out: {line}" for line in report["skipped"]), "\n\n",
        detail_section(cases)]).rstrip() + "\n"


def versions_of(runs):
    return {run["peer"]: run["version"] for run in runs}
