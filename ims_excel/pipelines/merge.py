"""merge: what several people entered into copies of one workbook, in one workbook again."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from ims_excel.audit import event_now, mark_of
from ims_excel.exceptions import OptionError, WriteError
from ims_excel.ledgers import unite
from ims_excel.merging import merge as merge_fields
from ims_excel.pipelines.answers import OWN, PIECES
from ims_excel.pipelines.conflicts import team_patch
from ims_excel.pipelines.conflictsheet import BEFORE, ConflictsSheet, conflict_sheet, settled_sheet
from ims_excel.pipelines.copies import open_copy, told_apart
from ims_excel.pipelines.leftovers import leftovers
from ims_excel.pipelines.merge_results import MergeResult, brought, conflict_title, conflicts_in, notices_of
from ims_excel.pipelines.mergedbook import Common, write_common
from ims_excel.pipelines.owncolumns import kept
from ims_excel.pipelines.parts import banner_patches, showing_patches
from ims_excel.pipelines.recording import append, changed_since, changes_of, record
from ims_excel.pipelines.sides import (
    base_fields,
    gone_records,
    merged_notes,
    noted_otherwise,
    records_of,
    side_of,
)
from ims_excel.pipelines.starting import choose_start, refuse_later_base, refuse_other_kind
from ims_excel.pipelines.teamlog import unite_logs
from ims_excel.team import Dispute, Team
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.writeback import BookPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.audit import Change, Event
    from ims_excel.merging import Clash
    from ims_excel.pipelines.mergedbook import Writing
    from ims_excel.pipelines.sides import Side
    from ims_excel.portal.record import Record

LEAST_COPIES = 2
_WRITTEN = (".xlsx", ".xlsm")


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
    row does not go up. The merged workbook is made from the first copy that has all rows, else from the base,
    else from whichever lacks the fewest, and none in which anybody entered anything.

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
    names = told_apart([Path(base), *paths])
    common, lost = _common(names)
    refuse_other_kind(common.start.path, target)
    writing = write_common(common)
    disputes = tuple(_disputes(common))
    patch = _patch(common, writing, disputes)
    event = _record(patch, common, writing, disputes, now or datetime.now(timezone.utc))
    patch.sheets += sums_patches(common.start.book, patch)
    written = write_back(common.start.path, patch, target)
    unite_logs(names, target)
    return MergeResult(
        written=target,
        recipient=common.base.snapshot.recipient,
        base=common.base.path,
        start=common.start.path,
        start_name=names[common.start.path],
        copies=tuple(brought(common)),
        changed=_answers_changed(common),
        agreed=sum(common.merged.agreed.get(piece, 0) for piece in PIECES),
        conflicts=tuple(conflicts_in(common, writing, disputes)),
        conflict_sheet=conflict_title(target) if disputes else "",
        own_columns=writing.added,
        not_carried=tuple(leftovers(common, names)),
        notices=(*notices_of(common, names, lost), *append(event, common.base.path, target)),
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
    if out.suffix.casefold() not in _WRITTEN:
        raise WriteError(out, "the workbook's name must end in .xlsx, or in .xlsm for one with macros.")
    if any(out.exists() and path.exists() and out.samefile(path) for path in known):
        raise WriteError(out, "is one of the workbooks to be merged; choose another name with -o.")
    if out.exists() and not overwrite:
        raise WriteError(out, "exists already. Choose another name with -o, or pass --force to replace it.")


def _common(names: Mapping[Path, str]) -> tuple[Common, Sequence[Record]]:
    """Read the copies one by one, as each is large, and merge them; of one everything is kept.

    Args:
        names: of the base and of the copies, by path.

    Returns:
        What they say together, and the documents whose rows get lost all the same.
    """
    first, *paths = names
    base = open_copy(first)
    opened = {base.path: base, paths[0]: open_copy(paths[0], base)}
    sides = [side_of(opened.get(path) or open_copy(path, base), base, names[path]) for path in paths]
    refuse_later_base(base, sides)
    changed = [side.changed for side in sides]
    keys = dict.fromkeys(key for side in changed for key in side)
    fields = base_fields(base, sides, [*keys, *sorted(noted_otherwise(base, sides) - keys.keys())])
    merged = merge_fields(fields, changed)
    notes = merged_notes(base, sides, fields, merged)
    start, lost = choose_start(base, sides, merged, notes)
    common = Common(base, sides, opened.get(start) or open_copy(start, base), fields, merged, notes)
    return common, records_of(base, sides, lost)


def _disputes(common: Common) -> Iterator[Dispute]:
    """Number the conflicts and name their sides the way the sheet "Conflicts" does."""
    names = (BEFORE, *(_side_name(number, side) for number, side in enumerate(common.sides)))
    for number, clash in enumerate(common.disputed, start=1):
        piece = clash.field if clash.field in PIECES else OWN + common.heading(clash.field)
        yield Dispute(number, clash.key, piece, names, tuple(_answers(clash)))


def _waiting(common: Common, disputes: Sequence[Dispute]) -> Iterator[Dispute]:
    """Keep the conflicts of earlier merges whose documents may come back, numbered after the others."""
    teams = (common.base.team, *(side.team for side in common.sides))
    gone = {*gone_records(common.base), *(key for side in common.sides for key in side.gone)}
    asked = {(dispute.key, dispute.field) for dispute in disputes}
    waiting = {(d.key, d.field): d for team in teams for d in team.disputes if d.key in gone}
    left = (dispute for place, dispute in waiting.items() if place not in asked)
    for number, dispute in enumerate(left, start=len(disputes) + 1):
        yield structs.replace(dispute, number=number)


def _side_name(number: int, side: Side) -> str:
    author = f" ({side.author})" if side.author else ""
    return f"{column_letters(number)}: {side.name}{author}"


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
    waiting = tuple(_waiting(common, disputes))
    team = Team(part=base.team.part, disputes=(*disputes, *waiting))
    if team != start.team:
        patch.sheets.append(team_patch(start.book, team))
    if disputes or (waiting and ConflictsSheet(start.book).title):
        patch.new_sheets.append(conflict_sheet(start.book, disputes, _records(common)))
    else:
        patch.new_sheets += settled_sheet(start.book, start.settled)
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
        counts={"answers": _answers_changed(common), "conflicts": len(disputes)},
        changes=_signed(changes_of(changed, ledger), common),
    )
    after = ledger.having_seen(changed) if changed else ledger
    record(patch, event, book=start.book, snapshot=start.snapshot, before=start.ledger, after=after)
    return event


def _signed(changes: Sequence[Change], common: Common) -> list[Change]:
    """Say with each decision whose it is: by who saved the copies it was taken from, or by these."""
    signed = []
    for change in changes:
        taken = {(piece, said) for piece, said in common.merged.values.get(change.key, {}).items()}
        by = (s.author or s.name for s in common.sides if taken & s.changed.get(change.key, {}).items())
        signed.append(structs.replace(change, by=", ".join(dict.fromkeys(by))))
    return signed


def _answers_changed(common: Common) -> int:
    return sum(len(PIECES.keys() & fields) for fields in common.merged.values.values())
