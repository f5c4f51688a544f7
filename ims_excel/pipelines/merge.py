"""merge: what several people entered into copies of one workbook, in one workbook again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from ims_excel.audit import event_now, mark_of
from ims_excel.exceptions import OptionError, WorkbookError, WriteError
from ims_excel.ledgers import unite
from ims_excel.merging import merge as merge_fields
from ims_excel.pipelines.answers import PIECES, in_words, what
from ims_excel.pipelines.conflicts import BEFORE, conflict_sheet, has_conflict_sheet, team_patch
from ims_excel.pipelines.copies import Copy, Side, base_fields, digest, open_copy, side_of
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.pipelines.leftovers import leftovers
from ims_excel.pipelines.mergedbook import Common, write_common
from ims_excel.pipelines.owncolumns import beside_columns, kept
from ims_excel.pipelines.parts import banner_patches, showing_patches
from ims_excel.pipelines.recording import append, changed_since, changes_of, record
from ims_excel.pipelines.teamlog import unite_logs
from ims_excel.team import Dispute, Team
from ims_excel.workbook.cells import address, column_letters
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.writeback import BookPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.audit import Event
    from ims_excel.merging import Clash, Merged
    from ims_excel.pipelines.mergedbook import Writing
    from ims_excel.portal.record import Record

LEAST_COPIES = 2


@dataclass(frozen=True)
class MergedCopy:
    """What one copy brought.

    Attributes:
        path: the file.
        author: who saved it last; "" when unknown.
        part: "Part 1 of 3: suppliers A–F" of a split workbook, else "".
        changed: answers it changed since the base.
        alone: those of them that no other copy changed, and that were taken.
        missing: rows that somebody deleted; they count as unchanged.
        strangers: rows that belong to no record, as they show themselves; left out.
    """

    path: Path
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
        start: the copy whose own sheets, formats and columns the merged workbook has.
        copies: what each brought.
        changed: answers that are no longer the base's.
        agreed: those of them that several copies changed alike.
        conflicts: answers that copies changed differently; the base's stands until somebody settles it.
        own_columns: headings of people's own columns that came along as values.
        not_carried: what other copies hold and the merged workbook does not: sheets, comments, charts,
            formulas; how many and where, in texts that begin with the copy's name.
        notices: what else is to be known.
        cleared_filters: titles of the sheets whose filters were cleared.
        shown_rows: rows that a filter or a split had hidden and that are visible now.
    """

    written: Path
    recipient: str
    base: Path
    start: Path
    copies: tuple[MergedCopy, ...]
    changed: int
    agreed: int
    conflicts: tuple[MergeConflict, ...] = ()
    own_columns: tuple[str, ...] = ()
    not_carried: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    cleared_filters: tuple[str, ...] = ()
    shown_rows: int = 0


def merge(
    base: Path | str,
    copies: Sequence[Path | str],
    out: Path | str,
    *,
    overwrite: bool = False,
    now: datetime | None = None,
) -> MergeResult:
    """Merge copies of a workbook: three ways, by record and answer.

    An answer that one copy changed counts, one that several changed alike too. Where they changed it
    differently, the base's stands, and the sheet "Conflicts" asks which is to count; until somebody says, the
    row does not go up. The merged workbook is made from the first copy that has all rows others changed.

    Args:
        base: the workbook as it was when the copies were made.
        copies: the copies, or the parts of ``split``.
        out: the merged workbook to write.
        overwrite: replace an existing file, but never one that is merged.
        now: the moment the log notes; by default the present.

    Raises:
        ImsError: a workbook cannot be read, does not belong to the others, or the result cannot be written.
    """
    target, paths = Path(out), [Path(copy) for copy in copies]
    _check_paths(Path(base), paths, target, overwrite=overwrite)
    ground = open_copy(Path(base))
    common = _common(ground, paths)
    sides = common.sides
    writing = write_common(common)
    disputes = tuple(_disputes(common))
    patch = _patch(common, writing, disputes)
    event = _record(patch, common, writing, disputes, now or datetime.now(timezone.utc))
    patch.sheets += sums_patches(common.start.book, patch)
    written = write_back(common.start.path, patch, target)
    unite_logs([ground.path, *paths], target)
    return MergeResult(
        written=target,
        recipient=ground.snapshot.recipient,
        base=ground.path,
        start=common.start.path,
        copies=tuple(_brought(common)),
        changed=sum(len(PIECES.keys() & fields) for fields in common.merged.values.values()),
        agreed=sum(common.merged.agreed.get(piece, 0) for piece in PIECES),
        conflicts=tuple(_conflicts(common, disputes)),
        own_columns=writing.added,
        not_carried=tuple(leftovers(ground, sides, common.start)),
        notices=(*_notices(common), *append(event, ground.path, target)),
        cleared_filters=tuple(written.cleared_filters),
        shown_rows=written.shown_rows,
    )


def _check_paths(base: Path, copies: Sequence[Path], out: Path, *, overwrite: bool) -> None:
    if len(copies) < LEAST_COPIES:
        raise OptionError(
            "merge needs the workbook that the copies were made from, and two or more copies. Without the "
            "first one, build it again from the same download."
        )
    known: list[Path] = []
    for path in (base, *copies):
        if any(path.exists() and other.exists() and path.samefile(other) for other in known):
            raise OptionError(f"{path} is named twice; name each workbook once.")
        known.append(path)
    if out.suffix.casefold() != ".xlsx":
        raise WriteError(out, "the workbook's name must end in .xlsx.")
    if any(out.exists() and path.exists() and out.samefile(path) for path in known):
        raise WriteError(out, "is one of the workbooks to be merged; choose another name with -o.")
    if out.exists() and not overwrite:
        raise WriteError(out, "exists already. Choose another name with -o, or pass --force to replace it.")


def _refuse_later_base(base: Copy, sides: Sequence[Side]) -> None:
    """Refuse a base that was worked on after it was split: its later answers would count as taken back."""
    parts = [side.team.part for side in sides if side.team.part and side.team.part != base.team.part]
    if parts and digest(base.reading) not in {part.digest for part in parts}:
        raise WorkbookError(
            base.path,
            "was worked on after it was split. Merge with the workbook as it was then, and name this one as "
            "a further copy.",
        )


def _common(base: Copy, paths: Sequence[Path]) -> Common:
    """Read the copies one by one, as each is large, and merge them; of one everything is kept."""
    first = open_copy(paths[0], base)
    sides = [side_of(first, base), *(side_of(open_copy(path, base), base) for path in paths[1:])]
    _refuse_later_base(base, sides)
    changed = [side.changed for side in sides]
    fields = base_fields(base, list(dict.fromkeys(key for side in changed for key in side)))
    merged = merge_fields(fields, changed)
    start = _start(base, sides, merged)
    opened = {base.path: base, first.path: first}
    return Common(base, sides, opened.get(start) or open_copy(start, base), fields, merged)


def _start(base: Copy, sides: Sequence[Side], merged: Merged) -> Path:
    """Choose the first copy that has its hidden sheet and a row for everything that was changed."""
    needed = merged.values.keys() | {clash.key for clash in merged.clashes}
    for side in sides:
        if needed <= side.keys and side.is_whole:
            return side.path
    if needed <= base.rows.keys():
        return base.path
    lost = needed - base.rows.keys()
    count = f"{len(lost):,} document{'s' * (len(lost) != 1)}"
    raise WorkbookError(
        base.path,
        f"lacks the rows of {count} that copies decided on, and so does every copy: some rows were deleted "
        "in each. Name as the first workbook one that still has all rows.",
    )


def _disputes(common: Common) -> Iterator[Dispute]:
    """Number the conflicts and name their sides the way the sheet "Conflicts" does."""
    names = (BEFORE, *(_side_name(number, side) for number, side in enumerate(common.sides)))
    for number, clash in enumerate(common.disputed, start=1):
        yield Dispute(number, clash.key, clash.field, names, tuple(_answers(clash)))


def _waiting(common: Common, known: int) -> Iterator[Dispute]:
    """Keep the conflicts of earlier merges whose documents may come back, numbered after the others."""
    gone = {withdrawn_key(r) for records in common.base.snapshot.withdrawn.values() for r in records}
    teams = (common.base.team, *(side.team for side in common.sides))
    waiting = {(d.key, d.field): d for team in teams for d in team.disputes if d.key in gone}
    for number, dispute in enumerate(waiting.values(), start=known + 1):
        yield structs.replace(dispute, number=number)


def _side_name(number: int, side: Side) -> str:
    author = f" ({side.author})" if side.author else ""
    return f"{column_letters(number)}: {side.path.name}{author}"


def _answers(clash: Clash) -> Iterator[tuple[str | float | None, ...]]:
    for said in (clash.base, *clash.sides):
        yield said if isinstance(said, tuple) else (kept(said),)  # type: ignore[arg-type]


def _patch(common: Common, writing: Writing, disputes: Sequence[Dispute]) -> BookPatch:
    start, base = common.start, common.base
    titles = {sheet.title for sheet in start.book.sheets}
    settled = [patch for patch in start.settled if patch.title in titles]
    patch = BookPatch(sheets=[*settled, *writing.patches], new_sheets=[])
    if any(copy.team.part != base.team.part for copy in common.sides):
        patch.sheets += [*showing_patches(start, base)]
        patch.sheets += [*banner_patches(start.book, base.snapshot.recipient, base.team.part)]
    team = Team(part=base.team.part, disputes=(*disputes, *_waiting(common, len(disputes))))
    if team != start.team:
        patch.sheets.append(team_patch(start.book, team))
    if disputes or has_conflict_sheet(start.book):
        patch.new_sheets.append(conflict_sheet(start.book, disputes, _records(common)))
    return patch


def _records(common: Common) -> dict[str, Record]:
    return {key: rows[0].record for key, rows in common.start.rows.items() if key in common.fields}


def _record(
    patch: BookPatch, common: Common, writing: Writing, disputes: Sequence[Dispute], moment: datetime
) -> Event:
    """Note the merge, and every answer that it changed, in the united ledger."""
    start, base = common.start, common.base
    ledger = unite([base.ledger, *(side.ledger for side in common.sides)])
    said = writing.entered
    decisions = [
        structs.replace(decision, entered=said.get(decision.place, decision.entered))
        for decision in start.reading.decisions
    ]
    changed = changed_since(decisions, ledger)
    event = event_now(
        "merge",
        moment,
        base.path,
        files=[mark_of("base", base.path), *(mark_of("copy", side.path) for side in common.sides)],
        counts={"answers merged": len(common.merged.values), "conflicts": len(disputes)},
        changes=changes_of(changed, ledger),
    )
    after = ledger.having_seen(changed) if changed else ledger
    record(patch, event, book=start.book, snapshot=start.snapshot, before=start.ledger, after=after)
    return event


def _brought(common: Common) -> Iterator[MergedCopy]:
    total = sum(len(records) for records in common.base.snapshot.sections.values())
    for number, side in enumerate(common.sides):
        yield MergedCopy(
            path=side.path,
            author=side.author,
            part=side.team.part.title if side.team.part else "",
            changed=sum(len(PIECES.keys() & fields) for fields in side.changed.values()),
            alone=sum(common.merged.taken[number].get(piece, 0) for piece in PIECES),
            missing=total - len(side.keys),
            strangers=side.strangers,
        )


def _conflicts(common: Common, disputes: Sequence[Dispute]) -> Iterator[MergeConflict]:
    sheets = {sheet.title: sheet for sheet in common.start.book.sheets}
    for dispute in disputes:
        decision = common.start.rows[dispute.key][0]
        sheet = sheets[decision.place.sheet]
        columns = {
            **beside_columns(sheet),
            **{
                piece: sheet.columns[names[0]] for piece, names in PIECES.items() if names[0] in sheet.columns
            },
        }
        yield MergeConflict(
            cell=address(sheet.title, decision.place.row, columns.get(dispute.field, 0)),
            document=decision.record.label,
            what=what(dispute.field),
            values={
                name: in_words(dispute.field, answer)
                for name, answer in zip(dispute.names, dispute.values, strict=True)
            },
        )


def _notices(common: Common) -> Iterator[str]:
    """Say what may not be as people think: parts that were not named, answers that all copies took back."""
    parts = [side.team.part for side in common.sides if side.team.part]
    missing = {n for part in parts for n in range(1, part.of + 1)} - {part.number for part in parts}
    if missing:
        numbers = ", ".join(map(str, sorted(missing)))
        yield f"Part {numbers} of {parts[0].of} was not named: its documents are as they were."
    undone = sum(_is_taken_back(common, key) for key in common.merged.values)
    if undone:
        yield (
            f"{undone:,} answer{'s' * (undone != 1)} of {common.base.path.name} stand in no copy: the copies "
            "say what the portal said. Was it worked on after the copies were made?"
        )


def _is_taken_back(common: Common, key: str) -> bool:
    """Tell whether all copies say what the portal said, and only the base says something else."""
    rows = common.base.rows.get(key, ())
    return any(row.is_touched for row in rows) and all(key in side.untouched for side in common.sides)
