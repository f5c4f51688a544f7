"""Uploading: chosen records become one upload file or several parts, all of them written or none."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import ImsError, InputError, WriteError
from ims_excel.files import put_back_on_failure, replacing
from ims_excel.ledger import Standing
from ims_excel.portal.upload import looks_like_upload, upload_bytes, verify_upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from ims_excel.ledger import Ledger
    from ims_excel.options import PortalOptions
    from ims_excel.portal.overlay import UploadEntry

UNDONE = "The upload was taken away again: nothing was exported."


@dataclass(frozen=True)
class UploadFile:
    """An upload, or one part of it: where it goes, its bytes, and the records in it."""

    path: Path
    data: bytes
    entries: Sequence[UploadEntry]

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def default_path(folder: Path, recipient: str, moment: datetime) -> Path:
    """Name an upload ``IMS_<GSTIN>_<time>.json``; a second one of the same second gets a number (2.9)."""
    stem = f"IMS_{recipient}_{moment.astimezone():%Y%m%d-%H%M%S}"
    number, path = 1, folder / f"{stem}.json"
    while path.exists() or any(path.parent.glob(f"{path.stem}_p1of*.json")):
        number += 1
        path = folder / f"{stem}-{number}.json"
    return path


def make_uploads(
    path: Path, recipient: str, entries: Sequence[UploadEntry], options: PortalOptions
) -> list[UploadFile]:
    """Write records as one upload, or as parts ``…_p1ofN`` where it would exceed the limits (2.9)."""
    parts = list(_encoded(recipient, entries, options))
    if len(parts) == 1:
        return [UploadFile(path, *parts[0])]
    return [
        UploadFile(path.with_name(f"{path.stem}_p{number}of{len(parts)}{path.suffix}"), data, piece)
        for number, (data, piece) in enumerate(parts, start=1)
    ]


def _encoded(
    recipient: str, entries: Sequence[UploadEntry], options: PortalOptions
) -> Iterator[tuple[bytes, Sequence[UploadEntry]]]:
    """Encode records; too many or too large ones are cut into even pieces, and those likewise."""
    pieces = _parts(len(entries), options.max_records)
    if pieces == 1:
        data = upload_bytes(recipient, entries, options)
        pieces = min(_parts(len(data), options.max_bytes), len(entries)) or 1
        if pieces == 1:
            yield data, entries
            return
    for number in range(pieces):
        start, end = len(entries) * number // pieces, len(entries) * (number + 1) // pieces
        yield from _encoded(recipient, entries[start:end], options)


def _parts(size: int, limit: int) -> int:
    return max(-(-size // limit), 1) if limit else 1


def refuse_to_replace(files: Sequence[UploadFile], ledger: Ledger, *, overwrite: bool) -> None:
    """Never put an upload in the place of something else, or of one whose records count as uploaded.

    Raises:
        WriteError: a file of that name is no upload, or one that nobody has reported on or confirmed yet.
    """
    waiting = {upload.sha256: upload for upload in ledger.uploads if upload.standing is Standing.SENT}
    for file in files:
        known = waiting.get(_digest_of(file.path)) if waiting else None
        if known is not None:
            records = "its record" if known.records == 1 else f"its {known.records:,} records"
            raise WriteError(
                file.path,
                f"is an upload that nobody has confirmed yet: {records} would be lost. If the portal took "
                "it, run  ims-xl confirm BOOK UPLOAD  first; if it was never uploaded, run the same with "
                "--failed, and all of it goes up again. Or name another file with -o.",
            )
        if file.path.exists() and not overwrite and not looks_like_upload(file.path):
            raise WriteError(
                file.path,
                "exists already and is not an upload; choose another name with -o, or pass --force "
                "to replace it.",
            )


def _digest_of(path: Path) -> str:
    """Give the SHA-256 of a file in hex; "" where there is none to read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@contextmanager
def written(files: Sequence[UploadFile], recipient: str, options: PortalOptions) -> Iterator[None]:
    """Write uploads; take them away again when the block, which writes the workbook, fails.

    In this order, because an upload that the workbook does not know of is only sent twice, whereas a record
    that the workbook believes sent would be lost.
    """
    with ExitStack() as earlier:
        try:
            for file in files:
                earlier.enter_context(put_back_on_failure(file.path))
            for file in files:
                _write(file, recipient, options)
            yield
        except InputError as problem:
            if not files:
                raise
            raise type(problem)(problem.path, f"{problem.what} {UNDONE}", place=problem.place) from problem
        except ImsError as problem:
            if not files:
                raise
            raise ImsError(f"{problem} {UNDONE}") from problem


def _write(file: UploadFile, recipient: str, options: PortalOptions) -> None:
    """Write an upload atomically, read it back and compare it with what was decided."""
    with replacing(file.path) as draft:
        draft.write_bytes(file.data)
        verify_upload(draft.read_bytes(), recipient, file.entries, options)
