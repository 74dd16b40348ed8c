"""One notebook, many reports: ours beside other ways to run it, HTML included.

    python benchmarks/bench_kernels.py [REPORTS] [NOTEBOOK]

Each way makes the same number of reports of one notebook with the same parameters, one way after
another. Medians are of single reports; "in all" is the whole run divided by their number, so that
imports and the start of the warm process count too. The floor is the processor time of the
notebook's own cells, figures included, in a process with everything imported that runs them for the
first time, divided by the cores.
Beside the time on the clock stands the processor time of all processes of a way, which other work
on the machine disturbs less. nbconvert and ploomber-engine are used where they are installed.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import nbformat

from analysis import paths
from analysis.report import batch, planning
from analysis.report.execution import kernel
from warmkernel.provisioner import WarmProcess

NOTEBOOK = sys.argv[2] if len(sys.argv) > 2 else "country_profile"
STATE = "PAK"
CORES = 2
REPORTS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SOURCE = paths.notebooks_dir() / f"{NOTEBOOK}.ipynb"


def each(work: Callable[[Path], object], number: int = REPORTS) -> list[float]:
    """Seconds of each of a number of runs, one after another, each in a folder of its own."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for place in range(number):
            own = Path(folder) / str(place)
            own.mkdir()
            began = time.perf_counter()
            work(own)
            times.append(time.perf_counter() - began)
    return times


def to_html(made: Path) -> None:
    """Write the page of an executed notebook, as nbconvert does without its command line."""
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(exclude_input=True).from_filename(str(made))
    made.with_suffix(".html").write_text(page, "utf-8")


def command_line(folder: Path) -> None:
    made = folder / "made.ipynb"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(
        [sys.executable, "-m", "papermill", SOURCE, made, "-k", "python3", "-p", "country", STATE],
        **quiet,
    )
    convert = [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", made]
    subprocess.run(convert, **quiet)


def in_process(folder: Path) -> None:
    import papermill

    made = folder / "made.ipynb"
    papermill.execute_notebook(
        SOURCE, made, parameters={"country": STATE}, kernel_name="python3", progress_bar=False
    )
    to_html(made)


def ploomber(folder: Path) -> None:
    from ploomber_engine import execute_notebook

    made = folder / "made.ipynb"
    execute_notebook(SOURCE, made, parameters={"country": STATE}, progress_bar=False)
    to_html(made)


def two_processes() -> list[float]:
    """Two papermill processes side by side: seconds of each report, halved."""
    half = REPORTS // 2
    code = f"import bench_kernels as b; print(*b.each(b.in_process, {half}))"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", code, *sys.argv[1:]]
    both = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(CORES)
    ]
    return [float(told) / CORES for one in both for told in one.communicate()[0].split()]


def ours(jobs: int, warm: bool) -> list[float]:
    """Seconds from report to report of a whole run."""
    os.environ[kernel.WARM] = "1" if warm else "0"
    values = [{"seed": n + 1} for n in range(REPORTS)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        tasks = [planning.plan([STATE], {NOTEBOOK: own}, out=out)[0] for own in values]
        told: list[tuple[str, float]] = []
        batch.make(
            tasks, out=out, jobs=jobs, tell=lambda o: told.append((o.status, time.perf_counter()))
        )
    for warm_process in list(WarmProcess._all.values()):  # what has not ended is not accounted for
        warm_process.end()
    WarmProcess._all.clear()
    assert [status for status, _ in told] == [planning.MADE] * REPORTS
    # with two jobs, from a report to the next but one, halved
    return [(b - a) / jobs for (_, a), (_, b) in zip(told, told[jobs:], strict=False)]


def floor() -> float:
    """Processor time of the cells in a process with everything imported, divided by the cores.

    Each process runs them once: what the second time is remembered from the first is no floor.
    """
    code = f"""
import time, nbformat, matplotlib
matplotlib.use("agg")
from IPython.core.interactiveshell import InteractiveShell
from analysis.report.execution import warm
warm.warm_up()
shell = InteractiveShell.instance()
cells = [c.source for c in nbformat.read({str(SOURCE)!r}, 4).cells if c.cell_type == "code"]
began = time.process_time()
for cell in cells:
    shell.run_cell(cell, silent=True)
print("\\nFLOOR", time.process_time() - began)
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    command, pipes = [sys.executable, "-c", code], {"capture_output": True, "text": True}
    told = [subprocess.run(command, env=env, check=True, **pipes).stdout for _ in range(5)]
    return median(float(text.rsplit("FLOOR", 1)[1]) for text in told) / CORES


def processor_time() -> float:
    """Seconds of this process and of all that have ended below it."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(w).ru_utime + resource.getrusage(w).ru_stime for w in whose)


def main() -> None:
    cells = sum(c.cell_type == "code" for c in nbformat.read(SOURCE, 4).cells)
    print(f"{NOTEBOOK}, {cells} code cells, {REPORTS} reports, {CORES} cores")
    ways: dict[str, Callable[[], list[float]]] = {
        "ours, 2 jobs, warm": lambda: ours(2, True),
        "ours, 1 job, warm": lambda: ours(1, True),
        "ours, 2 jobs, ordinary kernels": lambda: ours(2, False),
    }
    if find_spec("nbconvert"):
        ways["papermill in one process"] = lambda: each(in_process)
        ways["papermill, two processes"] = two_processes
        ways["papermill's command line, in a loop"] = lambda: each(command_line)
        if find_spec("ploomber_engine"):
            ways["ploomber-engine"] = lambda: each(ploomber)
    least = floor()
    print(f"{'floor':36}{least:8.2f} s; processor {least * CORES:.2f} s", flush=True)
    own = None
    for name, way in ways.items():
        before, began = processor_time(), time.perf_counter()
        taken = median(way())
        whole = (time.perf_counter() - began) / REPORTS
        used = (processor_time() - before) / REPORTS
        own = own or taken
        print(
            f"{name:36}{taken:8.2f} s{taken / own:7.2f} times{taken / least:7.2f} floors;"
            f" in all{whole:8.2f} s{whole / least:7.2f} floors;"
            f" processor{used:7.2f} s{used / CORES / least:7.2f} floors",
            flush=True,
        )


if __name__ == "__main__":
    main()
