"""What came of a merge: what each copy brought, what is in conflict, and what else is to be known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.pipelines.answers import PIECES, in_words, what
from ims_excel.pipelines.conflictsheet import KEEP
from ims_excel.pipelines.joining import is_withdrawn
from ims_excel.pipelines.owncolumns import own_piece
from ims_excel.pipelines.wording import counted, first_of
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import CONFLICTS_SHEET
from ims_excel.workbook.people import read_sheet_of_ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.pipelines.mergedbook import Common, Writing
    from ims_excel.portal.record import Record
    from ims_excel.team import Dispute, Part

_NAMED = 5
"""Documents that a notice names."""


@dataclass(frozen=True)
class MergedCopy:
    """What one copy brought.

    Attributes:
        path: the file.
        name: what it is called here: the file's name, with its folder where several have one name.
        author: who saved it last; "" when unknown.
        part: "Part 1 of 3: suppliers A–F" of a split workbook, else "".
        changed: answers it changed since the base.
        alone: those of them that no other copy changed, and that were taken.
        missing: rows that somebody deleted; they count as unchanged.
        strangers: rows that belong to no record, as they show themselves; they are not merged.
    """

    path: Path
    name: str
    author: str
    part: str
    changed: int
    alone: int
    missing: int
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True)
class MergeConflict:
    """An answer on which copies disagree.

    Attributes:
        cell: where it stands in the merged workbook, with its value before.
        document: the document as people name it.
        what: "Status", "Remarks", "ITC to be reduced", or the heading of an own column.
        values: what each says, by its name on the sheet "Conflicts".
    """

    cell: str
    document: str
    what: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class MergeResult:
    """What ``merge`` made.

    Attributes:
        written: the merged workbook.
        recipient: whose it is.
        base: the workbook the copies were made from.
        start: the copy, or the base, whose own sheets, formats and columns the merged workbook has.
        start_name: what that is called here.
        copies: what each brought.
        changed: answers that are no longer the base's.
        agreed: those of them that several copies changed alike.
        conflicts: answers that copies changed differently; the base's stands until somebody settles it.
        conflict_sheet: the title of the sheet that asks about the conflicts; "" without any.
        own_columns: headings of people's own columns that came along as values.
        not_carried: what other copies hold and the merged workbook does not: sheets, comments, charts,
            formulas, cells; how many and where, in texts that begin with the copy's name.
        notices: what else is to be known.
        cleared_filters: titles of the sheets whose filters were cleared.
        shown_rows: rows that a filter or a split had hidden and that are visible now.
    """

    written: Path
    recipient: str
    base: Path
    start: Path
    start_name: str
    copies: tuple[MergedCopy, ...]
    changed: int
    agreed: int
    conflicts: tuple[MergeConflict, ...] = ()
    conflict_sheet: str = ""
    own_columns: tuple[str, ...] = ()
    not_carried: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    cleared_filters: tuple[str, ...] = ()
    shown_rows: int = 0


def brought(common: Common) -> Iterator[MergedCopy]:
    """Say what each copy brought."""
    for number, side in enumerate(common.sides):
        yield MergedCopy(
            path=side.path,
            name=side.name,
            author=side.author,
            part=side.team.part.title if side.team.part else "",
            changed=sum(len(PIECES.keys() & fields) for fields in side.changed.values()),
            alone=sum(common.merged.taken[number].get(piece, 0) for piece in PIECES),
            missing=common.base.documents - sum(not is_withdrawn(key) for key in side.keys),
            strangers=side.strangers,
        )


def conflicts_in(common: Common, writing: Writing, disputes: Sequence[Dispute]) -> Iterator[MergeConflict]:
    """Say where each conflict stands in the merged workbook."""
    sheets = {sheet.title: sheet for sheet in common.start.book.sheets}
    for dispute in disputes:
        decision = common.start.rows[dispute.key][0]
        title, row = decision.place
        columns = {**writing.columns[title], **sheets[title].columns}
        name = PIECES.get(dispute.field, (own_piece(what(dispute.field)),))[0]
        yield MergeConflict(
            cell=address(title, row, columns[name]),
            document=decision.record.label,
            what=what(dispute.field),
            values={
                name: in_words(dispute.field, answer)
                for name, answer in zip(dispute.names, dispute.values, strict=True)
            },
        )


def conflict_title(written: Path) -> str:
    """Say what the sheet that asks about conflicts is called; people may have one of that name."""
    return read_sheet_of_ours(written, CONFLICTS_SHEET, KEEP)[0]


def notices_of(common: Common, names: Mapping[Path, str], lost: Sequence[Record]) -> Iterator[str]:
    """Say what may not be as people think: parts that were not named, answers taken back, rows lost."""
    yield from _parts_not_named(common)
    base = names[common.base.path]
    doubt = "Was it worked on after the copies were made?"
    answers, cells = _taken_back(common)
    if answers:
        stand = counted(answers, f"answer of {base} stands", f"answers of {base} stand")
        yield f"{stand} in no copy: the copies say what the portal said. {doubt}"
    if cells:
        stand = counted(cells, f"entry of {base} stands", f"entries of {base} stand")
        yield f"{stand} in no copy, in columns of your own: the copies agree on something else. {doubt}"
    if lost:
        labels = first_of([record.label for record in lost], _NAMED)
        yield (
            f"No workbook has all rows. The merged one lacks {counted(len(lost), 'row')} in which nobody "
            f"entered anything (R26): {labels}."
        )


def _parts_not_named(common: Common) -> Iterator[str]:
    """Say which parts of a split are missing, the base counting as named; they may have been split again."""
    splits: dict[tuple[int, str], set[int]] = defaultdict(set)
    for side in common.sides:
        if side.team.part:
            splits[_split(side.team.part)].add(side.team.part.number)
    own = common.base.team.part
    for (of, digest), named in splits.items():
        known = named | ({own.number} if own and _split(own) == (of, digest) else set())
        missing = [str(number) for number in range(1, of + 1) if number not in known]
        if not missing:
            continue
        parts = f"Part {missing[0]}" if len(missing) == 1 else f"Parts {_listed(missing)}"
        were, their = ("was", "its") if len(missing) == 1 else ("were", "their")
        what = f"unless in parts of {their} own, " if len(splits) > 1 else ""
        yield f"{parts} of {of} {were} not named: {what}{their} documents are as they were."


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _split(part: Part) -> tuple[int, str]:
    """Tell a split from another."""
    return part.of, part.digest


def _taken_back(common: Common) -> tuple[int, int]:
    """Count answers and own entries of the base that no copy has, and in whose place all say the same."""
    answers = cells = 0
    for key, changed in common.merged.values.items():
        if all(key in side.untouched for side in common.sides) and _is_touched(common, key):
            answers += len(PIECES.keys() & changed)
        for piece in changed.keys() - PIECES.keys():
            is_everywhere = all(piece in side.changed.get(key, {}) for side in common.sides)
            cells += is_everywhere and common.base_says(key, piece) is not None
    return answers, cells


def _is_touched(common: Common, key: str) -> bool:
    return any(row.is_touched for row in common.base.rows.get(key, ()))
