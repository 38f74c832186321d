"""What stands between a fresh clone and the first measurement: the peers of PyPI in a venv, the programs in C++."""
import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def say(*words):
    print("==", *words, file=sys.stderr, flush=True)


def run(command, log):
    """Whether the command succeeded; what it says goes to the log."""
    with open(log, "ab") as file:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    return done.returncode == 0


def pinned():
    """{package: line of requirements.txt}"""
    lines = (HERE / "requirements.txt").read_text().splitlines()
    return {line.split("==")[0]: line for line in lines if "==" in line}


def install(peers, venv, log):
    """Installs what the Python peers need; returns {peer: what it lacks} for those that cannot run."""
    wanted = sorted({package for peer in peers for package in peer.requirements})
    if not wanted:
        return {}
    if importlib.util.find_spec("ensurepip") is None:  # Debian's Python has it in a package of its own
        shell("install_packages python3-venv", log)
    python = venv / "bin/python"
    if not python.exists() and not run([sys.executable, "-m", "venv", venv], log):
        return {peer: f"no venv could be made, see {log.name}" for peer in peers if peer.is_python}
    lines = pinned()
    pip = [python, "-m", "pip", "install", "--quiet"]
    say(f"Installing {' '.join(lines[package] for package in wanted)} in {venv}")
    missing = set()
    if not run([*pip, *(lines[package] for package in wanted)], log):
        missing = {package for package in wanted if not run([*pip, lines[package]], log)}
    return {peer: f"pip could not install {' '.join(sorted(missing & set(peer.requirements)))}, see {log.name}"
            for peer in peers if missing & set(peer.requirements)}


def shell(words, log):
    """Runs words of tools/setup.sh, which installs Debian's packages, configures and builds."""
    return run(["bash", "-c", f'source "{ROOT}/tools/setup.sh"; build="{log.parent / "cmake"}"; {words}'], log)


def build(peers, targets, log):
    """Builds strata's programs and the peers in C++; returns their folder and {peer: why it cannot run}."""
    programs = [peer for peer in peers if not peer.is_python]
    packages = sorted({package for peer in programs for package in peer.packages})
    say(f"Building {' '.join([*targets, *(peer.target for peer in programs)])}")
    if packages:
        shell(f"install_packages {' '.join(packages)}", log)
    choice = "-DSTRATA_BUILD_PEERS=ON -DSTRATA_BUILD_TESTS=OFF -DSTRATA_BUILD_EXAMPLES=OFF"
    if not shell(f'prepare; cmake {choice} "$build"', log):
        return None, {peer: f"CMake could not configure, see {log.name}" for peer in programs}
    failed = {peer: f"{peer.target} could not be built, see {log.name}" for peer in programs
              if not shell(f"build_targets {peer.target}", log)}
    for target in targets:
        shell(f"build_targets {target}", log)
    return log.parent / "cmake/benchmarks", failed
