"""Writing into a worked-on workbook: our cells and the filters change, every other byte stays.

The way: ``plan`` goes through the sheets and works out which bytes have to change; here the package is
written anew with those changes in it; ``verify`` reads the result and compares it with the old file; only
then does it take the old file's place.
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from ims_excel.exceptions import WorkbookError, WriteError
from ims_excel.files import replacing
from ims_excel.workbook.exact import SheetReader
from ims_excel.workbook.markup import growth, spliced_chunks
from ims_excel.workbook.newsheet import CellName, NewSheet
from ims_excel.workbook.package import open_package
from ims_excel.workbook.patches import BookPatch, SheetPatch
from ims_excel.workbook.plan import Plan, make_plan
from ims_excel.workbook.rawzip import ZipRewriter, ahead
from ims_excel.workbook.serials import DateStyles
from ims_excel.workbook.verify import verify
from ims_excel.workbook.verifyparts import MismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ims_excel.workbook.package import Package

__all__ = ["BookPatch", "CellName", "NewSheet", "SheetPatch", "WriteBackResult", "write_back"]


@dataclass(frozen=True)
class WriteBackResult:
    """What was written.

    Attributes:
        changed: the workbook at ``out`` says something else than the one at ``book`` did.
        cleared_filters: titles of the sheets whose filters lost their criteria.
        shown_rows: rows that a filter had hidden and that are visible now.
        cells_written: cells of existing sheets that say something else now.
        hidden_rows: rows that stay hidden on the patched sheets, because people hid them.
        new_rows: by title of the sheet, the number of the first row that came behind the last one.
    """

    changed: bool
    cleared_filters: tuple[str, ...] = ()
    shown_rows: int = 0
    cells_written: int = 0
    hidden_rows: int = 0
    new_rows: Mapping[str, int] = field(default_factory=dict)


def write_back(book: Path, patch: BookPatch, out: Path) -> WriteBackResult:
    """Write a patch into a workbook and put the result in the place of ``out``, which may be ``book`` itself.

    When the workbook already says all that is asked, it is left alone, or copied to ``out`` as it is.

    Raises:
        WorkbookError: when the workbook cannot be used, or a cell cannot be changed.
        WriteError: when the result cannot be written, or did not come out as meant; ``out`` is as it was.
    """
    with open_package(book) as package:
        is_same = out.exists() and out.samefile(book)
        read_at = _state(book)
        plan = make_plan(package, patch)
        if is_same and not plan.is_empty:
            _refuse_signed(package)
    if plan.is_empty and is_same:
        return _result(plan)
    with replacing(out) as draft:
        if plan.is_empty:
            shutil.copyfile(book, draft)
        else:
            _write(book, plan, draft, out)
        if _state(book) != read_at:
            what = "was saved by another program meanwhile, so nothing was written. Run the command again."
            raise WriteError(book, what)
    return _result(plan)


def _write(book: Path, plan: Plan, draft: Path, out: Path) -> None:
    """Write the draft and compare it with the workbook; both are closed at the end, as Windows demands."""
    with open_package(book) as package:
        with draft.open("wb") as target:
            _rewrite(package, plan, target)
        try:
            verify(package, draft, plan)
        except (MismatchError, WorkbookError, ValueError) as problem:
            _refuse_broken(package, plan)
            raise WriteError(
                out,
                f"the new workbook did not come out as meant ({problem}), so nothing was written. "
                "Please report this; until then, save the workbook in Excel and try again.",
            ) from problem


def _refuse_broken(package: Package, plan: Plan) -> None:
    """Refuse a workbook in which a sheet is no XML, which the fast reader does not notice."""
    for sheet in plan.sheets:
        list(SheetReader(package, sheet.part, DateStyles(), lambda _: None, 0).rows())


def _rewrite(package: Package, plan: Plan, target: BinaryIO) -> None:
    """Write the package anew: parts with changes, and all others with the bytes they have."""
    writer = ZipRewriter(package, target)
    sheets = {sheet.part: sheet for sheet in plan.sheets}
    small = plan.parts.changed()
    for name in package.names:
        if name in sheets:
            splices = sheets[name].splices()
            chunks = spliced_chunks(package.open(name), splices)
            writer.replace(name, ahead(chunks), package.info(name).file_size + growth(splices))
        elif name in small:
            writer.replace(name, [small[name]], len(small[name]))
        elif name not in plan.parts.dropped:
            writer.copy(name)
    for name, data in plan.parts.added.items():
        writer.add(name, data)
    with zipfile.ZipFile(package.path) as archive:
        writer.finish(archive.comment)


def _result(plan: Plan) -> WriteBackResult:
    return WriteBackResult(
        changed=not plan.is_empty,
        cleared_filters=tuple(plan.cleared_filters),
        shown_rows=plan.shown_rows,
        cells_written=plan.cells_written,
        hidden_rows=plan.hidden_rows,
        new_rows={sheet.title: sheet.appended.first for sheet in plan.sheets if sheet.appended},
    )


def _state(path: Path) -> tuple[int, int]:
    """Tell a file from the same file saved again."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _refuse_signed(package: Package) -> None:
    if any(name.startswith("_xmlsignatures/") for name in package.names):
        raise WriteError(
            package.path,
            "is digitally signed, and writing into it would break the signature. Name another file with "
            "--out, or remove the signature in Excel (File > Info > View Signatures).",
        )
