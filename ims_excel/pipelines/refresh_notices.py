"""What a person would not expect of a refresh, and should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.pipelines.refresh_cells import without_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ims_excel.decisions import Reading
    from ims_excel.ledger import Ledger
    from ims_excel.pipelines.refreshing import Meeting
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import SheetPatch

_NAMED = 3


def notices_of(
    book: Book, reading: Reading, meeting: Meeting, patches: Sequence[SheetPatch], ledger: Ledger
) -> Iterator[str]:
    """Say what is special about a workbook, a newer download and what was made of them."""
    yield from _of_sheets(book, meeting, patches)
    yield from _of_rows(reading, meeting)
    if ledger.waiting:
        yield (
            f"The portal does not show yet what went up in {', '.join(ledger.waiting)}. If that failed, or "
            "was never uploaded, run  ims-xl confirm BOOK UPLOAD --failed"
        )
    if meeting.later:
        documents = f"{meeting.later:,} document{'s' * (meeting.later != 1)}"
        yield (
            f"The download does not show what was uploaded of {documents}, but was made before you noted "
            "that the upload went through: they count as uploaded. Download once more, refresh, and be sure."
        )
    yield from _of_many_gone(meeting)
    for key, (came, went) in meeting.comparison.others.items():
        yield f"Read-only section {key}: {came:,} new or changed, {went:,} gone or changed online."


def _of_sheets(book: Book, meeting: Meeting, patches: Sequence[SheetPatch]) -> Iterator[str]:
    filtered = {sheet.title for sheet in book.sheets if sheet.filtered}
    for patch in patches:
        if patch.title in filtered and (patch.rows or patch.cells):
            yield (
                f"The filter in {patch.title} was left on: it may hide changed rows, and looks at new ones "
                "only when it is applied again."
            )
    for section in without_sheet(book, meeting.added):
        yield f"The sheet of {section.sheet} was deleted, so its new documents have no rows."


def _of_rows(reading: Reading, meeting: Meeting) -> Iterator[str]:
    if meeting.lost:
        names = ", ".join(record.label for record in meeting.lost[:_NAMED])
        more = f" and {len(meeting.lost) - _NAMED:,} more" if len(meeting.lost) > _NAMED else ""
        yield f"Changed or withdrawn, but their rows had been deleted: {names}{more}."
    if reading.misplaced:
        yield f"{len(reading.misplaced):,} rows that show another document than theirs (R24) were left alone."


def _of_many_gone(meeting: Meeting) -> Iterator[str]:
    """Warn where a part of the download seems to be missing."""
    gone = len(meeting.comparison.withdrawn)
    before = gone + meeting.comparison.unchanged + len(meeting.met)
    if gone > 1 and 2 * gone > before:
        yield (
            f"{gone:,} of {before:,} documents are no longer there. If the download came in several files, "
            "refresh once more with all of them: the rows come back with their decisions."
        )
