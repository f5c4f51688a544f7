"""Replacing a file in one step: whoever looks finds the old file or the new one, each whole."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_ELSEWHERE = "name another file with --out"
_LOCKS = (("~${}", "Excel"), (".~lock.{}#", "LibreOffice"))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft beside ``path`` to write to, and put it in the place of ``path`` when the block ends.

    The draft is on the disk before it gets its name, keeps the old file's permissions, and is removed when
    the block fails: then ``path`` stands as it stood. A symbolic link stays one; the file it points to is
    replaced. The block must have closed the draft, and on Windows ``path`` too.

    Raises:
        WriteError: when the folder is missing or read-only, the disk is full, or ``path`` is open in another
            program.
    """
    target = Path(os.path.realpath(path))
    _refuse_if_taken(path, target)
    draft = target.with_name(f".ims-xl-{secrets.token_hex(6)}.tmp")
    _create(path, draft)
    try:
        with _worded(path):
            yield draft
            _put_in_place(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _refuse_if_taken(path: Path, target: Path) -> None:
    """Look for what would undo our work or be undone by it.

    Excel and LibreOffice put a lock file beside a workbook that is open; where they do not also keep the file
    from being replaced, saving there would undo our work.
    """
    if target.is_dir():
        raise WriteError(path, "is a folder; name a file in it.")
    if not target.exists():
        return
    for pattern, program in _LOCKS:
        lock = pattern.format(target.name)
        if target.with_name(lock).exists():
            raise WriteError(
                path,
                f"is open in {program}. Close it there, or {_ELSEWHERE}. (If it is not open, that program "
                f"left its lock file behind: delete {lock}.)",
            )
    if not os.access(target, os.W_OK):
        raise WriteError(path, f"is write-protected. Allow changes to it, or {_ELSEWHERE}.")


def _create(path: Path, draft: Path) -> None:
    """Make the empty draft; its folder tells whether anything can be written there."""
    try:
        draft.open("xb").close()
    except FileNotFoundError:
        raise WriteError(path, f"there is no folder {draft.parent} to write it to.") from None
    except OSError as error:
        if error.errno in _FORBIDDEN:
            what = f"the folder {draft.parent} is read-only; {_ELSEWHERE} in a folder of your own."
            raise WriteError(path, what) from None
        raise _write_error(path, error) from error


def _put_in_place(draft: Path, target: Path) -> None:
    """Take the last step; everything before it leaves the old file as it was."""
    _copy_permissions(target, draft)
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    with suppress(OSError, AttributeError):  # Windows cannot open a folder
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _copy_permissions(target: Path, draft: Path) -> None:
    if not target.exists():
        return
    with suppress(OSError, AttributeError):  # only an administrator can give a file away
        status = target.stat()
        os.chown(draft, status.st_uid, status.st_gid)
    with suppress(OSError):
        shutil.copymode(target, draft)


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _write_error(path, error) from error


def _write_error(path: Path, error: OSError) -> WriteError:
    if error.errno in _FULL:
        return WriteError(path, f"the disk is full; make room, or {_ELSEWHERE} on another disk.")
    if error.errno in _FORBIDDEN:
        what = f"could not be replaced. If it is open in Excel, close it there, or {_ELSEWHERE}."
        return WriteError(path, what)
    return WriteError(path, f"could not be written: {error.strerror or error}.")
