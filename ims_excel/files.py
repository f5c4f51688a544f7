"""Files are replaced whole or not at all: a draft beside the target takes its place when it is complete."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISK_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give an empty draft beside ``path``; it replaces ``path`` when the block ends without an error.

    On any error the draft is removed and ``path`` is as it was.

    Raises:
        WriteError: the folder is missing or read-only, the disk is full, or the file is open in Excel.
    """
    draft: Path | None = None
    try:
        draft = _draft_for(path)
        yield draft
        _flush(draft)
        _keep_mode(path, draft)
        draft.replace(path)
    except OSError as error:
        raise WriteError(path, _complaint(path, error)) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _draft_for(path: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    return Path(name)


def _flush(draft: Path) -> None:
    """Have the bytes on the disk before the name points at them."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def _keep_mode(path: Path, draft: Path) -> None:
    """Give the draft the permissions of the file it replaces, or those any new file gets."""
    if path.exists():
        mode = path.stat().st_mode
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    draft.chmod(mode)


def _complaint(path: Path, error: OSError) -> str:
    if error.errno in _DISK_FULL:
        return "could not be written: the disk is full."
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        return f"could not be written: there is no folder {path.parent}."
    if isinstance(error, PermissionError):
        if path.exists():
            return "could not be written: is it open in Excel? Close it, or choose another name with -o."
        return f"could not be written: the folder {path.parent} may not be written to."
    return f"could not be written: {error.strerror or error}."
