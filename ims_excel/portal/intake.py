"""Intake: the portal's files from disk, .json or .zip, as bytes with name and date.

Nothing is extracted, and a zip is read with limits, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ims_excel.exceptions import InputError

MAX_MEMBERS = 1_000
MAX_BYTES = 2 << 30
"""Most bytes that all members of a zip may have together once inflated."""
MAX_RATIO = 300
"""How many times its packed size a member may inflate to; portal JSON reaches about 30."""
RATIO_MATTERS_FROM = 64 << 20
"""Bytes below which a member may have any ratio: it does no harm."""

_ZIP, _OLD_OFFICE, _PDF = b"PK", b"\xd0\xcf\x11\xe0", b"%PDF"
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_DOS_EPOCH = 1980


@dataclass(frozen=True)
class PortalFile:
    """A file of the portal.

    Attributes:
        name: its name without folders, a zip's member as ``zip!member``.
        label: the same with the path as the user gave it, for messages.
        data: its bytes.
        modified: when it was last written, with the time zone.
    """

    name: str
    label: str
    data: bytes
    modified: datetime

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def portal_files(paths: Iterable[Path], error: type[InputError]) -> Iterator[PortalFile]:
    """Read every file, and of a zip every .json member; what came twice is given once.

    Raises:
        InputError: of the kind ``error``, for what cannot be read or is no file of the portal.
    """
    seen = set()
    for path in paths:
        for file in _open(Path(path), error):
            if file.sha256 not in seen:
                seen.add(file.sha256)
                yield file


def _open(path: Path, error: type[InputError]) -> Iterator[PortalFile]:
    if path.is_dir():
        raise error(path, "is a folder; name the files in it.")
    try:
        data = path.read_bytes()
        modified = datetime.fromtimestamp(int(path.stat().st_mtime)).astimezone()
    except FileNotFoundError:
        raise error(path, "there is no such file.") from None
    except OSError as problem:
        raise error(path, f"cannot be read: {problem.strerror or problem}.") from problem
    if data.startswith((_OLD_OFFICE, _PDF)):
        raise error(path, "is an Excel or PDF document, not a JSON file of the portal's Offline tab.")
    if data.startswith(_ZIP):
        yield from _open_zip(path, modified, error)
    else:
        yield PortalFile(path.name, str(path), data, modified)


def _open_zip(path: Path, modified: datetime, error: type[InputError]) -> Iterator[PortalFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = _chosen(archive, path, error)
            for member in chosen:
                data = _inflate(archive, member)
                written = _member_date(member) or modified
                yield PortalFile(f"{path.name}!{member.filename}", f"{path}!{member.filename}", data, written)
    except _RefusedError as problem:
        raise error(path, str(problem)) from problem
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
        raise error(
            path, "is a damaged zip file, or packed in an unusual way; download it again."
        ) from problem


class _RefusedError(Exception):
    """A zip over the limits."""


def _chosen(archive: zipfile.ZipFile, path: Path, error: type[InputError]) -> list[zipfile.ZipInfo]:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise error(path, "is a workbook; give the JSON or zip file that the portal's Offline tab hands out.")
    if len(names) > MAX_MEMBERS:
        raise _RefusedError(
            f"holds {len(names)} files; a portal zip holds a few. Unpack it and name the JSON files."
        )
    chosen = [member for member in archive.infolist() if _is_json(member)]
    if not chosen:
        raise _RefusedError("holds no .json file.")
    if sum(member.file_size for member in chosen) > MAX_BYTES:
        raise _RefusedError(f"would unpack to more than {MAX_BYTES >> 30} GB; that is no portal download.")
    return chosen


def _is_json(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.replace("\\", "/").split("/")
    hidden = "__MACOSX" in parts or parts[-1].startswith("._")
    return parts[-1].lower().endswith(".json") and not hidden and not member.is_dir()


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & _ENCRYPTED:
        raise _RefusedError(f"is locked with a password ({member.filename}); unpack it first.")
    allowed = max(RATIO_MATTERS_FROM, member.compress_size * MAX_RATIO)
    parts, size = [], 0
    with archive.open(member) as stream:
        while part := stream.read(_CHUNK):
            size += len(part)
            if size > allowed:
                raise _RefusedError(
                    f"unpacks to far more than it should ({member.filename}); download it again."
                )
            parts.append(part)
    return b"".join(parts)


def _member_date(member: zipfile.ZipInfo) -> datetime | None:
    """Tell when a member was written, in local time as zips have it; None where the zip does not say."""
    try:
        written = datetime(*member.date_time).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    return written if written.year > _DOS_EPOCH else None
