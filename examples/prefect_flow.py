"""Weekly reports as a Prefect flow: `python prefect_flow.py FOLDER` keeps running and does them.

Needs `pip install prefect`, and the command `partnerships` on the PATH.
"""

import subprocess
import sys
from pathlib import Path

from prefect import flow, get_run_logger, task

REPORT = "partnerships report --all --notebook all --resume --jobs 2 --timeout 900 --progress plain"


@task(retries=1, retry_delay_seconds=600)
def make(folder: str) -> str:
    """Make what is missing or out of date; a second try makes only what has failed in the first."""
    command = [*REPORT.split(), "--out", folder]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"status {run.returncode}: {run.stderr.strip()}")
    return run.stdout


@task
def check(folder: str) -> str:
    """Compare every file with its manifest."""
    command = ["partnerships", "check", folder]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@flow(name="partnerships", log_prints=False)
def reports(folder: str) -> int:
    """Make all reports, check them, and return how many pages there are."""
    pages = make(folder).splitlines()
    get_run_logger().info("%d reports; %s", len(pages), check(folder).strip())
    return len(pages)


if __name__ == "__main__":
    out = str(Path(sys.argv[1] if len(sys.argv) > 1 else "reports").resolve())
    reports.serve(name="weekly", cron="30 4 * * 1", parameters={"folder": out})
