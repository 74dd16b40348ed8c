"""The folder and the environment of a kernel."""

import atexit
import logging
import os
import socket
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ... import paths
from ...files import staging
from ...files.folders import Folder

#: what a kernel must not inherit, by the beginning of the name
_PERSONAL = (
    "JUPYTER", "JPY_", "IPYTHON", "IPYKERNEL", "MPL", "MATPLOTLIB", "PYTHON", "PYTEST",
    "PARTNERSHIPS_", "LC_", "LANG", "COLUMNS", "LINES", "FORCE_COLOR", "CLICOLOR", "NO_COLOR",
)  # fmt: skip
#: the name that jupyter_client gives a local socket beside its connection file
_SOCKET = "kernel-ipc-5"
#: what the folder of a kernel is called; one that a killed run has left is cleared by the next
_PREFIX = "partnerships-"
log = logging.getLogger("partnerships.kernel")


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder for one kernel: its connection, its settings, its working directory."""
    place = Path(_place_for_sockets() or tempfile.gettempdir()).resolve()
    with Folder.open(place) as top, staging.workspace(top, _PREFIX) as made:
        for part in ("ipython", "work"):
            made.inner(part, make=True).close()
        yield made.path


@cache
def _home() -> dict[str, str]:
    """Where kernels keep what they would keep in the user's home, if that is none or read-only.

    matplotlib makes a folder itself else, and a copy of the warm process removes that of all.
    """
    home = os.path.expanduser("~")  # noqa: PTH111, which raises without one
    if os.access(home, os.W_OK | os.X_OK):
        return {}
    with ExitStack() as stack:
        top = stack.enter_context(Folder.open(Path(tempfile.gettempdir()).resolve()))
        made = stack.enter_context(staging.workspace(top, _PREFIX))
        atexit.register(stack.pop_all().close)
    is_there = Path(home).is_dir()
    return {"MPLCONFIGDIR": str(made.path)} | ({} if is_there else {"HOME": str(made.path)})


@cache
def _place_for_sockets() -> str | None:
    """Where a private folder can hold local sockets: in TMPDIR, or elsewhere; None if nowhere.

    The system limits the bytes of a socket's path, and some file systems hold no sockets.
    """
    own = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    places = [tempfile.gettempdir(), own, "/tmp", "/var/tmp", "/dev/shm"]
    places = places if os.name == "posix" else []
    for place in dict.fromkeys(places):
        with (
            suppress(OSError),
            Folder.open(Path(place).resolve()) as top,
            staging.workspace(top, _PREFIX) as made,
        ):
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(os.fsencode(made.path / _SOCKET))
            return place
    if places:
        log.warning(
            "no folder for private sockets: tried %s. Kernels use ports of this machine instead,"
            " at which its other users can read what a notebook shows while it runs. Set TMPDIR"
            " to a folder with a short path on a local disk.",
            ", ".join(dict.fromkeys(places)),
        )
    return None


def _folder_of(package: str) -> Path:
    """Where a package lies that is not imported here."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def environment(folder: Path) -> dict[str, str]:
    """Give the environment variables of a kernel: few, and the same on every machine."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_PERSONAL)}
    matplotlib = _folder_of("matplotlib")
    env |= {
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(import_path()),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": str(matplotlib / "mpl-data" / "matplotlibrc"),
        "PARTNERSHIPS_DATA": str(paths.data_dir().resolve()),
        "PARTNERSHIPS_IMPORTS": str(paths.imports_dir().resolve()),
        **_home(),
    }
    # sums over several threads may differ in the last digit
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    return env | {f"{name}_NUM_THREADS": "1" for name in threads}


def import_path() -> list[str]:
    """Where the kernel looks for modules: what was set, and wherever this package came from."""
    given = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    own = Path(__file__).resolve().parents[3]
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    return ([] if own in installed else [str(own)]) + [str(Path(p).resolve()) for p in given]
