"""What Jupyter calls when it wants a kernel: a copy of a warm process, or an ordinary one."""

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

from . import parent

#: variables that differ from kernel to kernel, and do nothing when the interpreter starts
_OF_A_KERNEL = ("JPY_", "PWD", "OLDPWD", "IPYTHONDIR", "_")
#: warm processes that are kept, the last used ones, and whatever has kernels
_KEPT = 2
#: how often a kernel that is to end is looked at, in seconds
_TICK = 0.005
#: how often, before Jupyter is left to wait for one that was killed
_LOOKS = 40
#: seconds in which a warm process must have imported everything, must have made a copy, and must
#: have ended when it is no longer needed
_BEGIN, _COPY, _END = 120.0, 10.0, 2.0


class NoWarmKernelError(Exception):
    """Why there is no copy, and an ordinary kernel has to do."""


class WarmProvisioner(LocalProvisioner):
    """Starts kernels as copies of a process that has imported the libraries already.

    One such process serves all kernels of this process that want the same interpreter, environment
    and libraries; it ends with this process, and its kernels with it.
    """

    preload = List(Unicode(), help="Modules to import beforehand.").tag(config=True)
    warm_up = Unicode(
        help="A function to call afterwards, as module:function. It may return the paths of files"
        " and folders that it reads: when these, or the code, have changed, all is read again."
    ).tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel."""
        try:
            # the first kernel waits for the warm process; the event loop must not
            process = await asyncio.to_thread(self._copy, cmd, kwargs)
        except NoWarmKernelError as reason:
            self.log.warning("No warm kernel, so an ordinary one is started: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process  # type: ignore[assignment]  # it does what Jupyter asks of a Popen
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end; unlike an ordinary one it is polled every few milliseconds."""
        if not isinstance(self.process, Kernel):
            return await super().wait()
        while (status := self.process.poll()) is None:
            await asyncio.sleep(_TICK)
        self.process = None
        return status

    async def kill(self, restart: bool = False) -> None:
        """End the kernel. It is gone in a moment; Jupyter would look again after 0.1 seconds."""
        await super().kill(restart)
        if isinstance(self.process, Kernel):
            for _ in range(_LOOKS):
                if self.process.poll() is not None:
                    return
                await asyncio.sleep(_TICK)

    def _copy(self, cmd: list[str], options: dict) -> "Kernel":
        if sys.platform != "linux":
            raise NoWarmKernelError(f"processes cannot be copied safely on {sys.platform}")
        start, module, arguments = _parsed(cmd)
        if module != parent.MODULE:
            raise NoWarmKernelError(f"the command runs {module}, not {parent.MODULE}")
        silent = {options.get(name) for name in ("stdout", "stderr")} == {subprocess.DEVNULL}
        streams = {"stdin"} if silent else {"stdin", "stdout", "stderr"}
        if unknown := streams & options.keys():
            raise NoWarmKernelError(f"{', '.join(sorted(unknown))} of its own was asked for")
        if options.get("independent"):
            raise NoWarmKernelError("it is to outlive this process")
        env = options.get("env") or dict(os.environ)
        cwd = str(options.get("cwd") or Path.cwd())
        found = _absolute(env.get("PYTHONPATH", ""), cwd)
        begin = {**env, "PYTHONPATH": found} if found else env
        warm = WarmProcess.of(start, begin, self.preload, self.warm_up)
        return warm.copy(arguments, env, cwd=cwd, silent=silent)


def _absolute(folders: str, cwd: str) -> str:
    """Where to import from, as seen from the kernel's folder, in which the warm process is not."""
    parts = folders.split(os.pathsep) if folders else []
    return os.pathsep.join(str(Path(cwd, part)) for part in parts)


def _parsed(cmd: list[str]) -> tuple[list[str], str, list[str]]:
    """Split a command line into interpreter with its options, module and arguments."""
    at = cmd.index("-m") if "-m" in cmd else len(cmd) - 1
    return cmd[:at], "".join(cmd[at + 1 : at + 2]), cmd[at + 2 :]


def _open_or(instead: int, descriptor: int) -> int:
    """Give an open file of this process, or another if there is none."""
    try:
        os.fstat(descriptor)
    except OSError:
        return instead
    return descriptor


class Kernel:
    """A copy, as `subprocess.Popen` would show it."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, status: int):
        self.pid, self._status = pid, status
        self.returncode: int | None = None
        os.set_blocking(status, False)

    def poll(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            try:
                told = os.read(self._status, parent.STATUS.size)
            except BlockingIOError:
                return None
            # nothing is told if the warm process is gone, and its kernels are gone with it
            status = parent.STATUS.unpack(told)[0] if told else -signal.SIGKILL
            self.returncode = status
            os.close(self._status)
        return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        while (status := self.poll()) is None:
            threading.Event().wait(_TICK)
        return status

    def send_signal(self, signum: int) -> None:
        """Send a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __del__(self):
        """Close the pipe of a kernel that nobody has waited for."""
        if self.returncode is None:
            os.close(self._status)


def _stamps(files: Iterable[str]) -> dict[str, tuple[int, int, int] | None]:
    """Give for each file what tells that it has changed; None where there is none."""
    return {file: _stamp(file) for file in files}


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        there = os.stat(file)  # noqa: PTH116 - thousands of them: as a Path it takes three times as long
    except OSError:
        return None
    return there.st_mtime_ns, there.st_size, there.st_ino


class WarmProcess:
    """A process to copy; there is one for each interpreter, environment and set of libraries."""

    _all: ClassVar[dict[tuple, "WarmProcess"]] = {}
    #: those that have not imported everything yet
    _starting: ClassVar[set[subprocess.Popen]] = set()
    _lock = threading.Lock()

    @classmethod
    def of(
        cls, start: list[str], env: dict[str, str], preload: list[str], warm_up: str
    ) -> "WarmProcess":
        """Find one, or start it. A copy of this process has none of its own yet."""
        fixed = {n: v for n, v in env.items() if not n.startswith(_OF_A_KERNEL)}
        key = (os.getpid(), *start, *sorted(fixed.items()), *preload, warm_up)
        with cls._lock:
            warm = cls._all.pop(key, None)
            if warm is not None and not warm.is_current():
                if warm.is_idle():
                    warm.end()
                else:  # its kernels go on
                    cls._all[(*key, warm.process.pid)] = warm
                warm = None
            cls._all[key] = warm or cls(start, fixed, preload, warm_up)
            warm = cls._all[key]
            for old in list(cls._all)[:-_KEPT]:
                if old[0] != os.getpid() or cls._all[old].is_idle():
                    cls._all.pop(old).end()
        return warm

    @classmethod
    def kill_all(cls) -> None:
        """Kill those of this process, with their kernels; whoever waits for one learns of it."""
        warm = [warm.process for key, warm in list(cls._all.items()) if key[0] == os.getpid()]
        for process in [*warm, *cls._starting]:
            process.kill()

    def __init__(self, start: list[str], env: dict[str, str], preload: list[str], warm_up: str):
        self.busy = threading.Lock()
        self.kernels: WeakSet[Kernel] = WeakSet()
        self.connection, theirs = socket.socketpair()
        began = time.time_ns()
        with theirs:
            user = str(os.getpid())
            wanted = [str(theirs.fileno()), json.dumps(list(preload)), warm_up, user]
            # an output that was closed leads nowhere; and a library must not find settings in a
            # folder that happens to be the current one
            outputs: dict[str, Any] = {
                name: _open_or(subprocess.DEVNULL, number)
                for number, name in enumerate(("stdout", "stderr"), start=1)
            }
            self.process = subprocess.Popen(
                [*start, str(Path(parent.__file__).resolve()), *wanted],
                cwd=os.sep,
                env=env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **outputs,
            )
        atexit.register(self.end)
        self._starting.add(self.process)
        try:
            self.files = _stamps(self._answer(_BEGIN)["files"])
        finally:
            self._starting.discard(self.process)
        # a file that was written meanwhile may have been read before
        changed = (stamp and began <= stamp[0] <= time.time_ns() for stamp in self.files.values())
        self.read_while_changing = any(changed)

    def is_current(self) -> bool:
        """Whether it runs, and what it has read is what is there now."""
        return (
            self.process.poll() is None
            and not self.read_while_changing
            and self.files == _stamps(self.files)
        )

    def copy(self, arguments: list[str], env: dict[str, str], *, cwd: str, silent: bool) -> Kernel:
        """Make a kernel; what a silent one writes past Jupyter is lost."""
        told, tells = os.pipe()
        request = {"arguments": arguments, "env": env, "cwd": cwd}
        with Path(os.devnull).open("r+b") as nothing, self.busy:
            null = nothing.fileno()
            # an output that was closed leads nowhere
            outputs = [null if silent else _open_or(null, number) for number in (1, 2)]
            files = [null, *outputs, tells]
            try:
                message = json.dumps(request).encode() + b"\n"
                self.connection.settimeout(_COPY)
                # files travel with the first bytes
                socket.send_fds(self.connection, [message[:1]], files)
                self.connection.sendall(message[1:])
                kernel = Kernel(self._answer(_COPY)["pid"], told)
                self.kernels.add(kernel)
                return kernel
            except (OSError, NoWarmKernelError) as error:
                os.close(told)
                raise NoWarmKernelError(str(error)) from error
            finally:
                os.close(tells)

    def _answer(self, seconds: float) -> dict:
        received, until = b"", time.monotonic() + seconds
        while not received.endswith(b"\n"):
            self.connection.settimeout(max(until - time.monotonic(), 0.001))
            try:
                part = self.connection.recv(65536)
            except TimeoutError:
                # it is stopped, or hangs: without it and its kernels nobody waits for it again
                self.process.kill()
                raise NoWarmKernelError(
                    f"the warm process has not answered within {seconds:g} seconds"
                ) from None
            if not part:
                raise NoWarmKernelError("the warm process has ended")
            received += part
        answer = json.loads(received)
        if "error" in answer:
            raise NoWarmKernelError(answer["error"])
        return answer

    def is_idle(self) -> bool:
        """Whether all its kernels have ended."""
        return all(kernel.poll() is not None for kernel in self.kernels)

    def end(self) -> None:
        """End the process and its kernels."""
        atexit.unregister(self.end)
        self.connection.close()
        try:
            self.process.wait(_END)
        except subprocess.TimeoutExpired:  # it is stopped
            self.process.kill()
            self.process.wait()
