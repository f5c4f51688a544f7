"""Settling: which uploads a report or a confirmation is about, and what the portal made of their records."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import DownloadError
from ims_excel.ledger import GONE, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ims_excel.ledger import Ledger, Upload
    from ims_excel.portal.errors import ErrorReport, PortalError
    from ims_excel.portal.overlay import Overlay

_UNFINISHED = {"IP", "REC"}
_REFUSED_WHOLE, _COMPLETE = "ER", "P"
_CONFIRM = 'If the portal shows it as "Processed", run  ims-xl confirm BOOK UPLOAD.'
NOBODY_NAMED = (
    "The report names no record that was exported from this workbook, so no upload counts as taken. "
    + _CONFIRM
)
WHICH_UPLOAD = (
    "The report may be about {}, so none of them counts as taken yet: run this again with --upload and the "
    "one it is about."
)


@dataclass(frozen=True)
class Settlement:
    """What an error report says of uploads.

    Attributes:
        ledger: with that noted.
        uploads: the uploads it is about, as they stand now.
        taken: how many of their records the portal took.
        refused: keys of the records it refused.
        unsure: how many an error may be about that matched no row; they wait.
        to_resend: how many go up again as they are, because the whole upload was refused.
        notice: why nothing could be settled; "" otherwise.
    """

    ledger: Ledger
    uploads: tuple[Upload, ...] = ()
    taken: int = 0
    refused: frozenset[str] = frozenset()
    unsure: int = 0
    to_resend: int = 0
    notice: str = ""


def settle(
    ledger: Ledger,
    report: ErrorReport,
    named: Mapping[str, Sequence[PortalError]],
    unmatched: Sequence[PortalError],
    *,
    upload: Path | None,
    at: str,
) -> Settlement:
    """Note what a report says of uploads.

    Args:
        ledger: what was exported.
        report: the portal's report.
        named: what it says of records, by their key.
        unmatched: its errors that name no record we know.
        upload: the upload it is about; by default the one that holds what it names, as it repeats it.
        at: when the report was brought in, ISO 8601.

    Raises:
        DownloadError: ``upload`` is none of this workbook's.
    """
    meant, notice = _meant(ledger, report, named, upload)
    if not meant:
        return Settlement(ledger, notice=notice)
    numbers = {part.number for part in meant}
    held = ledger.keys_of(numbers)
    is_void = _REFUSED_WHOLE in report.statuses
    refused = frozenset(held & named.keys())
    unsure = set() if is_void else {key for key in held - refused if _may_be_meant(key, unmatched)}
    otherwise = Standing.VOID if is_void else Standing.TAKEN
    after = ledger.settled(
        numbers, refused=refused, unsure=unsure, otherwise=otherwise, at=at, is_report=True
    )
    standings = Counter(
        sending.standing
        for key in held - refused - unsure
        for sending in after.sendings[key]
        if sending.upload in numbers
    )
    return Settlement(
        ledger=after,
        uploads=tuple(after.uploads[number] for number in sorted(numbers)),
        taken=standings[Standing.TAKEN],
        refused=refused,
        unsure=len(unsure),
        to_resend=standings[Standing.VOID],
    )


def _meant(
    ledger: Ledger, report: ErrorReport, named: Mapping[str, Sequence[PortalError]], upload: Path | None
) -> tuple[Sequence[Upload], str]:
    """Choose the uploads a report is about, or say why that cannot be told."""
    if report.statuses & _UNFINISHED:
        return (), ""
    if upload is not None:
        return [find_upload(ledger, upload)], ""
    holding = _holding(ledger, named)
    if holding:
        return _one_harvest(holding)
    if not ledger.uploads:
        return (), ""
    waiting = [part for part in ledger.uploads if part.standing is Standing.SENT and part.records]
    if not report.statuses & {_REFUSED_WHOLE, _COMPLETE} or not waiting:
        return (), NOBODY_NAMED
    return (waiting, "") if len(waiting) == 1 else ((), WHICH_UPLOAD.format(_either(waiting)))


def _holding(ledger: Ledger, named: Mapping[str, Sequence[PortalError]]) -> list[Upload]:
    """Find the uploads with records a report names; where some hold them as it repeats them, only those."""
    agreeing: dict[int, bool] = {}
    for key, errors in named.items():
        for sending in ledger.sendings.get(key, ()):
            agrees = any(_repeats(error, sending.overlay) for error in errors)
            agreeing[sending.upload] = agreeing.get(sending.upload, True) and agrees
    uploads = [part for part in ledger.uploads if part.number in agreeing]
    return [part for part in uploads if agreeing[part.number]] or uploads


def _repeats(error: PortalError, sent: Overlay) -> bool:
    """Tell whether an error may be about what was sent; a report need not repeat all of it."""
    return error.action in (None, sent.action) and error.remarks in ("", sent.remarks)


def _one_harvest(holding: Sequence[Upload]) -> tuple[Sequence[Upload], str]:
    """Choose among uploads with the same records: one that waits for an answer, else the newest."""
    waiting = [part for part in holding if part.standing is Standing.SENT]
    newest = max(part.harvest for part in waiting or holding)
    if any(part.harvest != newest for part in waiting):
        return (), WHICH_UPLOAD.format(_either(waiting))
    return [part for part in waiting or holding if part.harvest == newest], ""


def _either(uploads: Sequence[Upload]) -> str:
    *others, last = (upload.name for upload in uploads)
    return f"{', '.join(others)} or {last}"


def _may_be_meant(key: str, errors: Sequence[PortalError]) -> bool:
    """Tell whether an error that matched nothing may be about a record: same section, same supplier."""
    section, gstin, _ = key.removeprefix(GONE).split("|", 2)
    return any(
        (error.section is None or error.section.key == section)
        and error.supplier_gstin.strip().upper() in ("", gstin)
        for error in errors
    )


def find_upload(ledger: Ledger, wanted: Path) -> Upload:
    """Find an upload of this workbook: a file by its SHA-256, one that is gone by its name.

    Raises:
        DownloadError: the file is not as harvest wrote it from this workbook, or its name is not known.
    """
    newest_first = ledger.uploads[::-1]
    if wanted.is_file():
        digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
        same = [upload for upload in newest_first if upload.sha256 == digest]
        found = next((upload for upload in same if upload.name == wanted.name), same[0] if same else None)
        problem = "is not an upload harvested from this workbook, or was changed since."
    else:
        found = next((upload for upload in newest_first if upload.name == wanted.name), None)
        problem = "there is no such file, and no upload of that name was harvested from this workbook."
    if found is None:
        known = ", ".join(upload.name for upload in newest_first[:5]) or "none so far"
        raise DownloadError(wanted, f"{problem} (Its latest: {known}.)")
    return found
