"""The process that is copied: it has imported the libraries, and does nothing else but wait.

Started by `provisioner` as a script, with one end of a socket pair as its only connection; the
socket has no name, so nobody else can reach it. A request is a line of JSON (the kernel's command
line, environment and folder) with four open files: the kernel's standard input, output and error,
and a pipe for its exit status. The answer is the kernel's process id, or why there is none. When
it is ready it names the files that it has read, so that it can be replaced once they have changed.

It has one thread, always: a copy of a process has only the thread that made it, and a lock held by
another would stay locked for ever. When the other end of the socket is closed, or its parent is
another process than before, whoever started it has ended, and so do all its kernels.
"""

import ctypes
import gc
import importlib
import io
import json
import os
import selectors
import signal
import socket
import struct
import sys
import traceback
from contextlib import redirect_stderr, suppress
from pathlib import Path

MODULE = "ipykernel_launcher"
#: what every kernel imports when it begins
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger")
#: seconds after which a process whose user has ended may still be there, if a copy of that user
#: holds the other end of the socket open
_LOOK = 1.0
#: what a Linux process asks for, to be killed when the one that made it is
_PR_SET_PDEATHSIG = 1
STATUS = struct.Struct("i")


def main(descriptor: int, preload: list[str], warm_up: str, user: int) -> None:
    """Import what there is to import, say so, and make copies until the connection ends."""
    connection = socket.socket(fileno=descriptor)
    try:
        set_by_imports, read = _prepare(preload, warm_up)
    except BaseException as error:
        _answer(connection, {"error": f"{type(error).__name__}: {error}"})
        return
    _answer(connection, {"ready": os.getpid(), "files": read})
    # what is there now is never collected, so its memory stays shared with the copies
    gc.collect()
    gc.freeze()
    Parent(connection, set_by_imports).serve(user)


def _prepare(preload: list[str], warm_up: str) -> tuple[dict[str, str], list[str]]:
    """Import; give the variables that a kernel's own imports have set, and the files read."""
    # as after `python -m`, where the folder of this file is no place to import from
    del sys.path[0]
    before = dict(os.environ)
    # in a kernel, what these say goes nowhere: that the debugger cannot see into frozen modules
    with redirect_stderr(io.StringIO()):
        for name in KERNEL:
            importlib.import_module(name)
    set_by_imports = {n: v for n, v in os.environ.items() if before.get(n) != v}
    for name in preload:
        importlib.import_module(name)
    read: list = []
    if warm_up:
        module, _, function = warm_up.partition(":")
        read = getattr(importlib.import_module(module), function)() or []
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return set_by_imports, sorted({*map(str, read), *filter(None, modules)})


class Parent:
    """Makes copies of this process, and tells what became of them."""

    def __init__(self, connection: socket.socket, set_by_imports: dict[str, str]):
        self.connection, self.set_by_imports = connection, set_by_imports
        #: process id -> the pipe for its exit status
        self.kernels: dict[int, int] = {}
        self.wake, self.alarm = socket.socketpair()
        for end in (self.wake, self.alarm):
            end.setblocking(False)

    def serve(self, user: int | None) -> None:
        """Wait for requests and for kernels that end; return when the process `user` is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.alarm.fileno())
        # Ctrl-C at a terminal is meant for the program in front of it, which ends us if it ends
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with selectors.DefaultSelector() as both:
            both.register(self.connection, selectors.EVENT_READ)
            both.register(self.wake, selectors.EVENT_READ)
            while os.getppid() == user:
                for key, _ in both.select(_LOOK):
                    if key.fileobj is self.wake:
                        self.wake.recv(4096)
                        self.reap()
                    elif not self.request(both):
                        user = None
        self.end_all()

    def request(self, both: selectors.BaseSelector) -> bool:
        """Serve one request; False if the connection has ended."""
        line, files = _receive(self.connection)
        if not line:
            return False
        try:
            answer: dict = {"pid": self.fork(json.loads(line), files, both)}
        except (OSError, RuntimeError) as error:
            answer = {"error": str(error)}
        for file in files:
            os.close(file)
        _answer(self.connection, answer)
        return True

    def fork(self, wanted: dict, files: list[int], both: selectors.BaseSelector) -> int:
        """Copy this process; the copy becomes a kernel and never returns."""
        if (number := _threads()) != 1:
            raise RuntimeError(f"the warm process has {number} threads; a copy would not be safe")
        status, own = os.dup(files[3]), os.getpid()
        pid = os.fork()
        if pid == 0:
            both.close()
            for end in (self.connection, self.wake, self.alarm):
                end.close()
            for file in [status, files[3], *self.kernels.values()]:
                os.close(file)
            wanted["env"] = self.set_by_imports | wanted["env"]
            become_kernel(wanted, files[:3], own)
        self.kernels[pid] = status
        return pid

    def reap(self) -> None:
        """Tell the exit status of every kernel that has ended, as subprocess gives it."""
        for pid in list(self.kernels):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                pipe = self.kernels.pop(pid)
                with suppress(OSError):  # nobody wants to know
                    os.write(pipe, STATUS.pack(os.waitstatus_to_exitcode(status)))
                os.close(pipe)

    def end_all(self) -> None:
        """Kill all kernels, and what they have started."""
        for pid in self.kernels:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)


def become_kernel(wanted: dict, files: list[int], parent: int) -> None:
    """Turn this copy of the process `parent` into an ordinary kernel; it ends with the kernel."""
    code = 1
    try:
        _be_own_process(wanted, files, parent)
        code = _run(wanted["arguments"])
    except BaseException:
        traceback.print_exc()
    finally:
        _leave(code)


def _be_own_process(wanted: dict, files: list[int], parent: int) -> None:
    """Undo all that a fresh process would not have had from its parent."""
    signal.set_wakeup_fd(-1)
    for name in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked
        os._exit(1)
    for number, file in enumerate(files):
        os.dup2(file, number, inheritable=True)
        os.close(file)
    os.environ.clear()
    os.environ.update(wanted["env"])
    os.environ["JPY_PARENT_PID"] = str(parent)
    os.chdir(wanted["cwd"])
    sys.path.insert(0, str(Path.cwd()))
    if "TZ" in os.environ:
        import time

        time.tzset()
    # the standard library's own generator seeds itself in a copy; numpy's does not
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _run(arguments: list[str]) -> int:
    import runpy

    # ipykernel ends when this is its parent no more; it has read the variable when it was imported
    sys.argv = [MODULE, *arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    try:
        runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def _leave(code: int) -> None:
    """End as the interpreter would, without going back into what was copied."""
    import atexit
    import threading

    try:
        threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does at its end
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(code & 0xFF)


def _threads() -> int:
    """How many threads this process has, whoever started them."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _receive(connection: socket.socket) -> tuple[str, list[int]]:
    """Read one line with the files that come with it; nothing at the end."""
    received, files = b"", []
    while not received.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(connection, 65536, 4)
        files += more
        if not part:
            return "", files
        received += part
    return received.decode(), files


def _answer(connection: socket.socket, message: dict) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
