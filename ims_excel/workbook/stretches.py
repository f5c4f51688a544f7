"""Sheets for the fast reader, a stretch of rows at a time, each looked through before it is read.

The fast reader works on a stretch in a second thread while the guard looks through the next. It does not
hold the interpreter's lock, so the two really run side by side.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.fast import SheetWrapper, load_sheet, numbered_rows
from ims_excel.workbook.package import open_package
from ims_excel.workbook.rawzip import ahead
from ims_excel.workbook.scan import SheetScan, cut_stretches, scan_stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from python_calamine import CalamineSheet

    from ims_excel.workbook.fast import NumberedRow
    from ims_excel.workbook.package import Package

STRETCH = 4 << 20
"""Bytes of XML that are read at a time, some 3,000 documents; more where many texts are shared."""
LARGE_SHEET = 256 << 20
"""Bytes of XML from which on a sheet is not kept in memory: some 200,000 documents."""
_AHEAD = 16
"""Stretches that may wait for the fast reader."""


def read_sheet(
    package: Package, part: str, wrapper: SheetWrapper, otherwise: Callable[[], Iterable[NumberedRow]]
) -> tuple[SheetScan, Iterable[NumberedRow]]:
    """Look a sheet through and begin to read it; the last stretches may still be read when it is given.

    Args:
        package: the workbook.
        part: the sheet.
        wrapper: of the same workbook.
        otherwise: gives the rows if the fast reader should refuse them after all.

    Returns:
        what the fast reader does not tell, and the rows, which can be walked again and again. An oddity
        means that the rows are not to be used.
    """
    scan = SheetScan()
    stretches = scan_stretches(package.open(part), scan, _size(wrapper))
    if package.info(part).file_size > LARGE_SHEET:
        for _ in stretches:
            pass
        return scan, LargeSheet(package, part)
    return scan, KeptSheet(_loading(stretches, wrapper), otherwise)


def _size(wrapper: SheetWrapper) -> int:
    return max(STRETCH, 2 * wrapper.shared_bytes)


_Loading = Future["CalamineSheet | None"]


def _loading(stretches: Iterable[bytes], wrapper: SheetWrapper) -> list[_Loading]:
    def load(xml: bytes) -> CalamineSheet | None:
        return load_sheet(wrapper.wrap(xml))

    pool = ThreadPoolExecutor(1, thread_name_prefix="fast reader")
    loading: list[_Loading] = []
    for xml in stretches:
        loading.append(pool.submit(load, xml))
        wait(loading[:-_AHEAD][-1:])
    pool.shutdown(wait=False)
    return loading


class KeptSheet:
    """A sheet in the fast reader's own compact form, of which rows are made as they are walked."""

    def __init__(self, loading: Sequence[_Loading], otherwise: Callable[[], Iterable[NumberedRow]]) -> None:
        self._loading, self._otherwise = loading, otherwise

    def __iter__(self) -> Iterator[NumberedRow]:
        last = 0
        for loading in self._loading:
            sheet = loading.result()
            if sheet is None:
                yield from (row for row in self._otherwise() if row[0] > last)
                return
            for row in numbered_rows(sheet):
                last = row[0]
                yield row


class LargeSheet:
    """A sheet too large to be kept: each walk reads it again from its file."""

    def __init__(self, package: Package, part: str) -> None:
        self._path, self._part = package.path, part
        self._mark = _mark(package, part)

    def __iter__(self) -> Iterator[NumberedRow]:
        with open_package(self._path) as package:
            if _mark(package, self._part) != self._mark:
                what = "was saved by another program meanwhile. Run the command again."
                raise WorkbookError(self._path, what)
            for sheet in ahead(self._sheets(package)):
                yield from numbered_rows(sheet)

    def _sheets(self, package: Package) -> Iterator[CalamineSheet]:
        wrapper = SheetWrapper(package)
        for xml in cut_stretches(package.open(self._part), _size(wrapper)):
            sheet = load_sheet(wrapper.wrap(xml))
            if sheet is None:
                raise package.damaged(self._part)
            yield sheet


def _mark(package: Package, part: str) -> tuple[int, int]:
    """Tell a part from the same part saved again."""
    info = package.info(part)
    return info.CRC, info.file_size
