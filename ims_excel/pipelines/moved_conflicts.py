"""Open conflicts of a merge after a refresh: they follow their documents, wherever these went.

its date or period changed   the conflict goes with it, and the sheet "Conflicts" shows the new date
it left the IMS              the conflict waits: nothing is sent, and it is open again when it is back
acted on online              the row takes that, so what was Before is that now; the conflict stays open
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ims_excel.pipelines.answers import PIECES, answers_of, in_words
from ims_excel.pipelines.conflicts import team_patch
from ims_excel.pipelines.conflictsheet import LEFT_THE_IMS, SETTLED, ConflictsSheet
from ims_excel.pipelines.entering import before_of
from ims_excel.workbook.grid import WITHDRAWN
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.pipelines.refreshing import Meeting, News
    from ims_excel.team import Dispute, Team
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book


def follow_documents(book: Book, meeting: Meeting, team: Team) -> Iterator[SheetPatch]:
    """Let the open conflicts of a merge follow their documents: on the hidden sheet, and on people's."""
    if not team.disputes:
        return
    news_of = {news.old_key: news for news in meeting.rows}
    moved = {**meeting.comparison.rekeyed, **{key: news.key for key, news in news_of.items()}}
    followed = []
    cells: dict[tuple[int, int], Value] = {}
    sheet = ConflictsSheet(book)
    for dispute in team.disputes:
        news = news_of.get(dispute.key)
        now = msgspec.structs.replace(_rebased(dispute, news), key=moved.get(dispute.key, dispute.key))
        followed.append(now)
        cells |= sheet.cells_to_write(now, _said(dispute, now, news))
    if tuple(followed) != team.disputes:
        yield team_patch(book, msgspec.structs.replace(team, disputes=tuple(followed)))
    if cells:
        yield SheetPatch(sheet.title, cells, clear_filter=False)


def _rebased(dispute: Dispute, news: News | None) -> Dispute:
    """Put what a row took from the portal in the place of what it said before."""
    if news is None or news.decision is None or not news.verdict.takes_portal or dispute.field not in PIECES:
        return dispute
    if answers_of(news.decision.entered)[dispute.field] != dispute.base:
        return dispute  # settled in the row
    taken = answers_of(before_of(news.record.document))[dispute.field]
    return msgspec.structs.replace(dispute, values=(taken, *dispute.values[1:]))


def _said(was: Dispute, now: Dispute, news: News | None) -> dict[str, Value]:
    """Say what the sheet of conflicts has to say of one from now on, by heading."""
    said: dict[str, Value] = {}
    if now.base != was.base:
        said[now.names[0]] = in_words(now.field, now.base)
    if news is not None and now.key != was.key:
        said["Date"] = news.record.document.date
        said[SETTLED] = LEFT_THE_IMS if news.verdict.word == WITHDRAWN else None
    return said
