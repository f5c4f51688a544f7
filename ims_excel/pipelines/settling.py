"""Settling: which uploads a report or a confirmation is about, and what the portal made of their records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import DownloadError
from ims_excel.ledger import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ims_excel.ledger import Ledger, Upload
    from ims_excel.portal.errors import ErrorReport, PortalError

_UNFINISHED = {"IP", "REC"}
_REFUSED_WHOLE, _COMPLETE = "ER", "P"
_CONFIRM = 'If the portal shows it as "Processed", run  ims-xl confirm BOOK UPLOAD.'
NOBODY_NAMED = (
    "The report names no record that was exported from this workbook, so no upload counts as taken. "
    + _CONFIRM
)
WHICH_PART = (
    "The last harvest wrote several parts and the report names no record of any: say with --upload which one "
    "it is about."
)


@dataclass(frozen=True)
class Settlement:
    """What an error report says of uploads.

    Attributes:
        ledger: with that noted.
        uploads: the uploads it is about, as they stand now.
        taken: how many of their records the portal took.
        refused: keys of the records it refused.
        to_resend: how many go up again as they are, because the whole upload was refused.
        notice: why nothing could be settled; "" otherwise.
    """

    ledger: Ledger
    uploads: tuple[Upload, ...] = ()
    taken: int = 0
    refused: frozenset[str] = frozenset()
    to_resend: int = 0
    notice: str = ""


def settle(
    ledger: Ledger,
    report: ErrorReport,
    named: Collection[str],
    unmatched: Sequence[PortalError],
    *,
    upload: Path | None,
    at: str,
) -> Settlement:
    """Note what a report says of uploads.

    Args:
        ledger: what was exported.
        report: the portal's report.
        named: keys of the records it names.
        unmatched: its errors that name no record we know.
        upload: the upload it is about; by default the newest that holds a record it names.
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
    refused = frozenset(held & set(named))
    unsure = set() if is_void else {key for key in held - refused if _may_be_meant(key, unmatched)}
    otherwise = Standing.VOID if is_void else Standing.TAKEN
    after = ledger.settled(numbers, refused=refused, unsure=unsure, otherwise=otherwise, at=at)
    others = len(held) - len(refused) - len(unsure)
    return Settlement(
        ledger=after,
        uploads=tuple(after.uploads[number] for number in sorted(numbers)),
        taken=0 if is_void else others,
        refused=refused,
        to_resend=others if is_void else 0,
    )


def _meant(
    ledger: Ledger, report: ErrorReport, named: Collection[str], upload: Path | None
) -> tuple[Sequence[Upload], str]:
    """Choose the uploads a report is about, or say why that cannot be told."""
    if report.statuses & _UNFINISHED:
        return (), ""
    if upload is not None:
        return [find_upload(ledger, upload)], ""
    for harvest in sorted({part.harvest for part in ledger.uploads}, reverse=True):
        parts = [part for part in ledger.of_harvest(harvest) if ledger.keys_of([part.number]) & set(named)]
        if parts:
            return parts, ""
    if not ledger.uploads:
        return (), ""
    latest = ledger.of_harvest(ledger.uploads[-1].harvest)
    waiting = [part for part in latest if part.standing is Standing.SENT]
    if not report.statuses & {_REFUSED_WHOLE, _COMPLETE} or not waiting:
        return (), NOBODY_NAMED
    return (waiting, "") if len(waiting) == 1 else ((), WHICH_PART)


def _may_be_meant(key: str, errors: Sequence[PortalError]) -> bool:
    """Tell whether an error that matched nothing may be about a record: same section, same supplier."""
    section, gstin, _ = key.split("|", 2)
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
