"""refresh: a newer download comes into a worked-on workbook, and nobody's work is lost."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ims_excel.audit import FileMark, event_now, mark_of
from ims_excel.exceptions import DownloadError, WorkbookError
from ims_excel.ledger import Standing
from ims_excel.ledgers import moment_of
from ims_excel.pipelines.conflicts import open_team, settle
from ims_excel.pipelines.examining import open_book, open_ledger
from ims_excel.pipelines.joining import join
from ims_excel.pipelines.marked import target_of
from ims_excel.pipelines.moved_conflicts import follow_documents
from ims_excel.pipelines.recording import append, changed_since, changes_of, record, rows_to_log
from ims_excel.pipelines.refresh_cells import ROOM_FOR, section_patches
from ims_excel.pipelines.refresh_notices import notices_of
from ims_excel.pipelines.refreshed_ledger import follow, left_behind
from ims_excel.pipelines.refreshing import meet
from ims_excel.pipelines.whats_changed import (
    KINDS,
    RefreshRow,
    changes_sheet,
    rows_of,
    told_of,
    with_places,
)
from ims_excel.portal.comparing import pair_amendments
from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot
from ims_excel.progress import COMPARING, LOOKING, WRITING, silent
from ims_excel.workbook.embed import snapshot_properties, to_cells
from ims_excel.workbook.grid import (
    ASKED,
    CONFLICT,
    DATA_SHEET,
    PROPERTY_SOURCES,
    SNAPSHOT_COLUMN,
    WITHDRAWN,
)
from ims_excel.workbook.locate import heading_of
from ims_excel.workbook.shown import IDENTITY_FIELDS
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.tops import facts_patches
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ims_excel.decisions import Reading
    from ims_excel.ledger import Ledger
    from ims_excel.pipelines.refreshing import Meeting
    from ims_excel.portal.amending import AmendmentPair
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book

UNCHANGED = "unchanged"
_TIME = "%d-%m-%Y, %H:%M"


@dataclass(frozen=True)
class RefreshResult:
    """What ``refresh`` brought.

    Attributes:
        book: the workbook that was read.
        written: the workbook it was written to; None when there was nothing to write.
        recipient: whose it is.
        old: names of the files the workbook had its documents from.
        new: names of the files it has them from now.
        counts: documents by what happened to them, each once, and those unchanged.
        asked: rows that stop harvest until somebody has looked, of this and of earlier refreshes.
        rows: every document with news, the most pressing first.
        notices: what else is to be known.
        has_news: it was not the very download that the workbook had already.
    """

    book: Path
    written: Path | None
    recipient: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    counts: Mapping[str, int]
    asked: int = 0
    rows: tuple[RefreshRow, ...] = ()
    notices: tuple[str, ...] = ()
    has_news: bool = True


HAS_IT_ALREADY = "The workbook has this very download already; nothing was changed."
SHOWS_NO_UPLOAD = (
    "It shows nothing of {}, uploaded since. If it was made after that, the portal has not taken it, or it "
    "was set back online: to send it again, ims-xl confirm BOOK UPLOAD --failed"
)


def refresh(
    book: Path | str,
    downloads: Sequence[Path | str] | Path | str,
    *,
    out: Path | str | None = None,
    source: Path | str | None = None,
    gstin: str | None = None,
    force: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> RefreshResult:
    """Bring a newer download into a worked-on workbook; decisions, own columns, formats and order stay.

    New documents come behind the last row. Decisions on documents that changed are kept and asked for again
    (R66); what was decided online in another way is a conflict that people settle. The workbook then carries
    the new download, and its sheet "What changed" lists all this.

    Args:
        book: the worked-on workbook.
        downloads: the newer download: .json or .zip, or several that belong together.
        out: write the refreshed workbook here and leave ``book`` alone.
        source: the older download, for a workbook whose hidden sheet is damaged.
        gstin: the recipient, for downloads that do not name it; by default that of the workbook.
        force: take a download older than the workbook's, and let ``out`` replace an existing workbook.
        progress: told of each step, the documents done and the documents in all.
        now: the time for the log; by default the present.

    Raises:
        ImsError: a download cannot be used, is another recipient's or older; or the workbook cannot be read,
            has no room for what changed, or cannot be written.
    """
    path, paths = Path(book), _listed(downloads)
    target, moment = target_of(path, out, overwrite=force), now or datetime.now(timezone.utc)
    progress(LOOKING, 0, 0)
    opened, old = open_book(path, Path(source) if source else None)
    by = "--gstin says" if gstin else "the workbook is of"
    new = read_downloads(paths, recipient=gstin or old.recipient, said_by=by, known=old)
    _refuse_foreign(new, old, paths)
    if {file.sha256 for file in new.sources} == {file.sha256 for file in old.sources}:
        return _nothing_new(opened, target, old, new, moment)
    _refuse_older(new, old, paths, force=force)
    _refuse_unfit(opened)
    return _refresh(opened, old, new, target, moment, progress)


def _refresh(  # noqa: PLR0917  what is read, and where it goes
    book: Book, old: Snapshot, new: Snapshot, target: Path, moment: datetime, progress: Progress
) -> RefreshResult:
    ledger = open_ledger(book)
    settlement = settle(book, join(book, old, ledger, facts=IDENTITY_FIELDS, progress=progress))
    reading = settlement.reading
    progress(COMPARING, 0, 0)
    meeting = meet(reading, ledger, old, new)
    kept = replace(new, withdrawn=meeting.gone)
    originals = _originals(meeting, new, old)
    patches = section_patches(book, reading, meeting, {key: pair.text for key, pair in originals.items()})
    asking = _asking(reading, meeting)
    rows = tuple(rows_of(book, meeting, originals, asking))
    counts = _counts(rows, meeting)
    blob = dump_snapshot(kept)
    patch = BookPatch([*settlement.patches, *patches, _embedded(book, blob)], [changes_sheet(book, rows)])
    patch.sheets += facts_patches(book.path, new, _documents(reading, meeting, patches))
    patch.properties = _properties(book, kept, blob)
    patch.sheets += follow_documents(book, meeting, settlement.team)
    changed = changed_since(rows_to_log(reading), ledger)
    event = event_now(
        "refresh",
        moment,
        book.path,
        files=_files(book, new),
        counts=counts,
        changes=changes_of(changed, ledger),
        told=told_of(rows),
    )
    after = msgspec.structs.replace(follow(ledger, meeting, reading.decisions), asked=asking)
    record(patch, event, book=book, snapshot=old, before=ledger, after=after, is_reset=True)
    patch.sheets += sums_patches(book, patch)
    progress(WRITING, 0, 0)
    written = write_back(book.path, patch, target)
    left = left_behind(ledger, meeting)
    notices = notices_of(book, reading, meeting, patches, ledger=after, left=left)
    return RefreshResult(
        book=book.path,
        written=target if written.changed or target != book.path else None,
        recipient=new.recipient,
        old=_names(old),
        new=_names(new),
        counts=counts,
        asked=len(asking),
        rows=with_places(rows, book, meeting, written.new_rows),
        notices=(*notices, *append(event, book.path, target, ledger)),
    )


def _listed(paths: Sequence[Path | str] | Path | str) -> list[Path]:
    return [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]


def _names(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(source.name for source in snapshot.sources)


def _refuse_foreign(new: Snapshot, old: Snapshot, paths: Sequence[Path]) -> None:
    if new.recipient != old.recipient:
        what = f"holds the documents of {new.recipient}, the workbook those of {old.recipient} (R11)."
        raise DownloadError(paths[0], what)


def _refuse_older(new: Snapshot, old: Snapshot, paths: Sequence[Path], *, force: bool) -> None:
    if new.downloaded_at < old.downloaded_at and not force:
        times = [moment.astimezone().strftime(_TIME) for moment in (new.downloaded_at, old.downloaded_at)]
        raise DownloadError(
            paths[0],
            f"is of {times[0]}, and the workbook has a download of {times[1]}. Pass --force to take the "
            "older one all the same.",
        )


def _refuse_unfit(book: Book) -> None:
    """Refuse a workbook that has no place for what has changed."""
    if book.blob is None:
        what = "the hidden sheet with the portal's records was deleted, so it cannot take a newer download."
        raise WorkbookError(book.path, f"{what} Build a new workbook, or go back to an earlier copy.")
    for sheet in book.sheets:
        lacking = next((name for name in ROOM_FOR if name not in sheet.columns), None)
        if lacking:
            what = (
                f'the column "{heading_of(sheet.section, lacking)}" is gone, and refresh writes there: undo '
                "its deletion, or copy the whole column back from an earlier copy of the workbook. (One that "
                "an older ims-xl built has to be built anew.)"
            )
            raise WorkbookError(book.path, what, place=f"Sheet {sheet.title}")
    part = open_team(book).part
    if part is not None:
        what = (
            f"is part {part.number} of {part.of} of a split workbook: merge the parts, and refresh the whole."
        )
        raise WorkbookError(book.path, what)


def _nothing_new(book: Book, target: Path, old: Snapshot, new: Snapshot, moment: datetime) -> RefreshResult:
    """Answer a download that the workbook has already; ``out`` becomes a copy."""
    path = book.path
    write_back(path, BookPatch([], []), target)
    counts = {**dict.fromkeys(KINDS, 0), UNCHANGED: sum(map(len, old.sections.values()))}
    event = event_now("refresh", moment, path, files=_files(book, new), counts=counts)
    ledger = open_ledger(book)
    uploaded = _uploaded_since(ledger, old)
    notices = [HAS_IT_ALREADY, *([SHOWS_NO_UPLOAD.format(uploaded)] if uploaded else [])]
    return RefreshResult(
        book=path,
        written=target if target != path else None,
        recipient=new.recipient,
        old=_names(old),
        new=_names(new),
        counts=counts,
        notices=(*notices, *append(event, path, target, ledger)),
        has_news=False,
    )


def _uploaded_since(ledger: Ledger, old: Snapshot) -> str:
    """Name the uploads with records that count as the portal's, though the download was made before them."""
    numbers = {
        sending.upload
        for sendings in ledger.sendings.values()
        for sending in sendings[-1:]
        if sending.standing in (Standing.SENT, Standing.TAKEN)
    }
    since = [
        upload
        for upload in ledger.uploads
        if upload.number in numbers and moment_of(upload.at) > old.downloaded_at
    ]
    return ", ".join(upload.name for upload in since)


def _files(book: Book, new: Snapshot) -> list[FileMark]:
    """Name the files that take part."""
    return [mark_of("workbook", book.path), *(FileMark("download", s.name, s.sha256) for s in new.sources)]


def _originals(meeting: Meeting, new: Snapshot, old: Snapshot) -> dict[str, AmendmentPair]:
    """Find the originals of amendments, by key, where some are new or changed.

    Those that have left the IMS are found in the older download, or among those that had left it before.
    """
    changed = (news.record for news in meeting.met if news.changes)
    if not any(found.section.is_amendment for found in (*meeting.added, *changed)):
        return {}
    return {pair.amendment.key: pair for pair in pair_amendments(new, old)}


def _asking(reading: Reading, meeting: Meeting) -> dict[str, str]:
    """Give by key the rows that wait for a look after this refresh, each with the word for it."""
    asking = {
        row.decision.record.key: CONFLICT if row.is_conflict else ASKED
        for row in reading.unconfirmed
        if row.is_open
    }
    for news in meeting.rows:
        waiting = asking.pop(news.old_key, "")
        if news.verdict.word in (ASKED, CONFLICT):
            asking[news.key] = CONFLICT if CONFLICT in (waiting, news.verdict.word) else ASKED
        elif waiting and not news.verdict.is_settled and not news.was_gone and news.verdict.word != WITHDRAWN:
            asking[news.key] = waiting
    return asking


def _counts(rows: Iterable[RefreshRow], meeting: Meeting) -> dict[str, int]:
    found = Counter(row.what for row in rows)
    return {**{kind: found[kind] for kind in KINDS}, UNCHANGED: meeting.comparison.unchanged}


def _embedded(book: Book, blob: bytes) -> SheetPatch:
    """Put the new snapshot in the place of the old one on the hidden sheet."""
    texts = to_cells(blob)
    cells: dict[tuple[int, int], Value] = {
        (row, SNAPSHOT_COLUMN): text for row, text in enumerate(texts, start=1)
    }
    cells |= {(row, SNAPSHOT_COLUMN): None for row in range(len(texts) + 1, book.snapshot_rows + 1)}
    return SheetPatch(DATA_SHEET, cells, clear_filter=False)


def _properties(book: Book, snapshot: Snapshot, blob: bytes) -> dict[str, str | None]:
    """Name the new download in the workbook's properties, in the place of the old one."""
    now = snapshot_properties(snapshot, hashlib.sha256(blob).hexdigest())
    old = [name for name in book.properties if name.startswith(PROPERTY_SOURCES)]
    return {**dict.fromkeys(old), **now}


def _documents(reading: Reading, meeting: Meeting, patches: Iterable[SheetPatch]) -> dict[str, int]:
    """Count the documents that each sheet has from now on."""
    counts = Counter(decision.place.sheet for decision in reading.decisions)
    counts.subtract(news.decision.place.sheet for news in meeting.withdrawn if news.decision)
    counts.update(news.decision.place.sheet for news in meeting.met if news.decision and news.was_gone)
    return {patch.title: counts[patch.title] + (patch.rows.count if patch.rows else 0) for patch in patches}
