"""Measuring whole processes, and naming the machine they ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGES = ("isal", "lxml", "msgspec", "openpyxl", "pyexcelerate", "python-calamine", "xlsxwriter")
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Run:
    """What one process took.

    Attributes:
        wall: seconds from start to end.
        cpu: seconds of both cores, the system's included.
        peak: the most memory it held, in MB.
    """

    wall: float
    cpu: float
    peak: float


def measure(command: Sequence[str], expected: Sequence[int] = (0,)) -> Run:
    """Run a command to its end (POSIX only: Windows does not tell what a process took).

    The peak is that of the command as long as it is above that of the process that starts it. Modules are
    compiled once and kept, as an installation does it, whatever the shell that runs this says.

    Raises:
        RuntimeError: when the command ends with an exit code that is not expected.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_ENVIRONMENT
    ) as process:
        complaint = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode not in expected:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}:\n{complaint.decode()[-2000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(round(wall, 3), round(usage.ru_utime + usage.ru_stime, 3), round(usage.ru_maxrss / unit, 1))


def machine() -> dict[str, str | dict[str, str]]:
    """Name the machine and the versions, and nothing that tells whose it is."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
