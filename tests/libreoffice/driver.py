"""Drive one LibreOffice over UNO, for tests: JSON requests on stdin, JSON replies on stdout, one a line.

Run by a Python that can ``import uno`` (on Debian ``/usr/bin/python3`` with ``python3-uno``), not the tests':

    /usr/bin/python3 tests/libreoffice/driver.py /usr/bin/soffice
    {"do": "open_file", "path": "/tmp/book.xlsx"}                        → {"result": 1}
    {"do": "get", "doc": 1, "sheet": "B2B", "cells": "A1:B2"}       → {"result": [["GSTIN", …], …]}
    {"do": "nonsense"}                                              → {"error": "KeyError: 'nonsense'"}

The tests speak to it through ``office.py``. The commands are the functions of ``on_files``, ``on_cells``,
``on_rows``, ``on_sheets`` and ``on_validations``; ``registry.COMMANDS`` is their table.

LibreOffice runs headless with a profile of its own, listens on a pipe of its own and belongs to this process:
when stdin ends, also because the tests were killed, it is told to stop and then killed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException
from registry import COMMANDS, Session

START_LIMIT = 120  # seconds; the first start of a new profile takes about three
STOP_LIMIT = 10

for rooms in ("on_cells", "on_files", "on_rows", "on_sheets", "on_validations"):
    importlib.import_module(rooms)  # registers its commands


def main() -> None:
    """Start LibreOffice, answer requests until stdin ends, stop LibreOffice."""
    with tempfile.TemporaryDirectory(prefix="ims-office-", ignore_cleanup_errors=True) as folder:
        pipe = f"ims-office-{os.getpid()}"
        process = start(sys.argv[1], pipe, Path(folder))
        try:
            desktop = connect(process, pipe)
            say({"result": "ready"})
            serve(Session(desktop))
            with contextlib.suppress(DisposedException):
                desktop.terminate()
        finally:
            stop(process)


def start(soffice: str, pipe: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start LibreOffice listening on a pipe; its own output goes to our stderr."""
    options = (
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--nofirststartwizard",
    )
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    accept = f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"
    return subprocess.Popen([soffice, profile, *options, accept], stdin=subprocess.DEVNULL, stdout=sys.stderr)


def connect(process: subprocess.Popen[bytes], pipe: str) -> Any:
    """Wait until LibreOffice answers on its pipe and return its desktop.

    Raises SystemExit when it ended, or did not answer within START_LIMIT.
    """
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        with contextlib.suppress(NoConnectException):
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        if process.poll() is not None:
            sys.exit(f"LibreOffice ended with {process.returncode} before it answered")
        time.sleep(0.05)
    sys.exit(f"LibreOffice did not answer within {START_LIMIT} seconds")


def serve(session: Session) -> None:
    """Answer each line of stdin; a command that fails is an answer too."""
    for line in sys.stdin:
        try:
            reply = {"result": perform(session, json.loads(line))}
        except DisposedException as gone:
            sys.exit(f"LibreOffice is gone: {gone.Message}")
        except Exception as problem:  # noqa: BLE001  (whatever UNO raises belongs to the test that asked)
            reply = {"error": f"{type(problem).__name__}: {problem}"}
        say(reply)


def perform(session: Session, request: dict[str, Any]) -> Any:
    """Look the command up and call it with the rest of the request."""
    return COMMANDS[request.pop("do")](session, **request)


def say(reply: dict[str, Any]) -> None:
    """Write one reply."""
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Wait for LibreOffice to end, then kill it."""
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main()
