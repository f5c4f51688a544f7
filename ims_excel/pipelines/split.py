"""split: a workbook for each of several people, in which they see the documents that are theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.audit import event_now, mark_of
from ims_excel.exceptions import OptionError, WriteError
from ims_excel.pipelines.conflicts import team_patch
from ims_excel.pipelines.copies import Copy, digest, ending_of, open_copy
from ims_excel.pipelines.parts import banner_patches, hiding_patches
from ims_excel.pipelines.recording import append
from ims_excel.pipelines.sharing import BLANK, KINDS, SUPPLIER, grouped, labels, meant_by
from ims_excel.splitting import share_out
from ims_excel.team import Part, Team
from ims_excel.workbook.writeback import BookPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.splitting import Group

USUAL_PARTS = 2
MOST_PARTS = 50


@dataclass(frozen=True)
class SplitPart:
    """One part.

    Attributes:
        path: its workbook.
        title: "Part 1 of 3: suppliers A–F".
        documents: how many it shows.
        groups: by supplier, value or text of the column, how many documents.
    """

    path: Path
    title: str
    documents: int
    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SplitResult:
    """What ``split`` made.

    Attributes:
        book: the workbook that was split; it is as it was.
        recipient: whose it is.
        by: "supplier", "value", "tax", or the heading of a column.
        parts: the workbooks made.
        missing: documents without a row, which are in no part.
        notices: what else is to be known.
    """

    book: Path
    recipient: str
    by: str
    parts: tuple[SplitPart, ...]
    missing: int = 0
    notices: tuple[str, ...] = ()


def split(
    book: Path | str,
    by: str = SUPPLIER,
    parts: int | None = None,
    *,
    directory: Path | str | None = None,
    overwrite: bool = False,
    now: datetime | None = None,
) -> SplitResult:
    """Make a workbook for each of several people. ``merge`` puts them together again.

    Each part is a whole copy in which the rows of the other parts are hidden, so that nothing can get lost.

    Args:
        book: the workbook; it stays as it is, and is the base to merge the parts with.
        by: "supplier" shares suppliers out by name, "value" and "tax" documents by size, the largest ones
            first; any other word is the heading of a column.
        parts: how many; by default two, by a column one for each of its texts.
        directory: where to write them; by default beside the workbook.
        overwrite: replace existing files.
        now: the moment the log notes; by default the present.

    Raises:
        ImsError: the workbook cannot be read or has no such column, there is too little to share out, or a
            part cannot be written.
    """
    path = Path(book)
    copy = open_copy(path)
    by = meant_by(copy, by)
    groups = grouped(copy, by)
    count = _parts_wanted(by, groups, parts)
    shares = share_out(groups, count)
    folder = Path(directory) if directory else path.parent
    stems = (f"{path.stem}-part{number}of{count}" for number in range(1, count + 1))
    targets = [folder / f"{stem}{ending_of(path)}" for stem in stems]
    _check_targets(folder, targets, overwrite=overwrite)
    made, notices = [], []
    said = digest(copy)
    event = event_now(
        "split",
        now or datetime.now(timezone.utc),
        path,
        files=[mark_of("workbook", path)],
        counts={"documents": len(copy.rows), "parts": count},
    )
    for number, (target, label) in enumerate(zip(targets, labels(by, shares), strict=True), start=1):
        part = Part(number, count, label, said)
        made.append(_write_part(copy, shares[number - 1], part, target))
        notices += append(event, path, target)
    notices += append(event, path, path)
    total = sum(len(records) for records in copy.snapshot.sections.values())
    return SplitResult(
        book=path,
        recipient=copy.snapshot.recipient,
        by=by,
        parts=tuple(made),
        missing=total - len(copy.rows),
        notices=tuple(dict.fromkeys(notices)),
    )


def _parts_wanted(by: str, groups: Sequence[Group], parts: int | None) -> int:
    by_column = by not in KINDS
    count = parts or (len(groups) if by_column else USUAL_PARTS)
    if not groups:
        raise OptionError("the workbook has no documents to share out.")
    if len(groups) == 1:
        kind = BLANK if groups[0].name == BLANK else f"({groups[0].name})"
        raise OptionError(f"all documents are of one kind by {by} {kind}: nothing to split.")
    if count > len(groups):
        have = f"only {len(groups):,} different {KINDS.get(by, f'texts in the column {by}')}"
        raise OptionError(f"{count:,} parts are too many: there are {have}.")
    if count > MOST_PARTS:
        raise OptionError(f"{count:,} parts are too many; say with -n into how many, {MOST_PARTS} at most.")
    return count


def _check_targets(folder: Path, targets: Sequence[Path], *, overwrite: bool) -> None:
    if not folder.is_dir():
        raise WriteError(folder, "there is no such folder; make it first.")
    for target in targets:
        if target.exists() and not overwrite:
            raise WriteError(
                target,
                "exists already, and may hold people's decisions. Choose another folder with -o, or pass "
                "--force to replace it.",
            )


def _write_part(copy: Copy, groups: Sequence[Group], part: Part, target: Path) -> SplitPart:
    shown = {key for group in groups for key in group.keys}
    patch = BookPatch(
        sheets=[
            *copy.settled,
            *hiding_patches(copy, shown),
            *banner_patches(copy.book, copy.snapshot.recipient, part),
            team_patch(copy.book, Team(part=part)),
        ],
        new_sheets=[],
    )
    write_back(copy.path, patch, target)
    counts = tuple((group.name, len(group.keys)) for group in groups)
    return SplitPart(target, part.title, len(shown), counts)
