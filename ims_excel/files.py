"""Replacing a file in one step: whoever looks finds the old file or the new one, each whole."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_ELSEWHERE = "name another file with --out"
_DRAFT = ".ims-xl-{}.tmp"
_ABANDONED_AFTER = 24 * 60 * 60
"""Seconds after which a draft belongs to a run that was killed; no run takes that long."""
_LOCKS = (("~${}", "Excel"), (".~lock.{}#", "LibreOffice"))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft beside ``path`` to write to, and put it in the place of ``path`` when the block ends.

    The draft is on the disk before it gets its name, keeps the old file's permissions, and is removed when
    the block fails: then ``path`` stands as it stood. A symbolic link stays one; the file it points to is
    replaced. The block must have closed the draft, and on Windows ``path`` too. Drafts that killed runs left
    in the folder are removed once they are a day old.

    Raises:
        WriteError: when the folder is missing or read-only, the disk is full, or ``path`` is open in another
            program.
    """
    target = Path(os.path.realpath(path))
    _refuse_if_taken(path, target)
    _remove_abandoned(target.parent)
    draft = _beside(target)
    _create(path, draft)
    try:
        with _worded(path):
            yield draft
            _put_in_place(draft, target)
    finally:
        _remove(draft)


@contextmanager
def put_back_on_failure(path: Path) -> Iterator[None]:
    """When the block fails, let ``path`` be what it was before, or absent if it was; on a full disk, too.

    Raises:
        WriteError: the copy that makes it possible cannot be written, or ``path`` cannot be put back.
    """
    target = Path(os.path.realpath(path))
    with ExitStack() as stack:
        copy = _copied(path, target, stack) if target.is_file() else None
        try:
            yield
        except BaseException:
            _put_back(path, target, copy)
            raise


def _put_back(path: Path, target: Path, copy: Path | None) -> None:
    try:
        if copy is None:
            target.unlink(missing_ok=True)
        else:
            copy.replace(target)
    except OSError as error:
        what = f"could not be taken back ({error.strerror or error}). Delete it; it does not count."
        raise WriteError(path, what) from error


def _copied(path: Path, target: Path, stack: ExitStack) -> Path:
    """Copy a file beside itself until the stack is closed."""
    copy = _beside(target)
    _create(path, copy)
    stack.callback(_remove, copy)
    with _worded(path):
        shutil.copyfile(target, copy)
        _copy_permissions(target, copy)
    return copy


def _beside(target: Path) -> Path:
    return target.with_name(_DRAFT.format(secrets.token_hex(6)))


def _remove(draft: Path) -> None:
    with suppress(OSError):  # held by a virus scanner, say: then it goes with the abandoned ones
        draft.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    with suppress(OSError):
        for draft in folder.glob(_DRAFT.format("*")):
            if time.time() - draft.stat().st_mtime > _ABANDONED_AFTER:
                draft.unlink()


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
