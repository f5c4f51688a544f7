"""The fast reader: python-calamine, given a package of our own making and nothing else.

Only parts that ``scan`` looked through are copied (as they are, compressed) into a small new package, under
sizes and checksums that were checked. So nothing that the guard did not see, such as a second directory
of the zip or somebody's own sheet with a far-out cell, can reach a reader that aborts on it.
"""

from __future__ import annotations

import binascii
import io
import struct
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook

from ims_excel.workbook.escaping import attribute_value
from ims_excel.workbook.exact import RowRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from python_calamine import CalamineSheet

    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.scan import SheetScan

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_ZIP_VERSION = 20
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


NumberedRow = tuple[int, "list[CellValue]"]
"""A row's 1-based number and its values by column; blanks are "" or None."""


class FastRows:
    """Rows of a sheet as the fast reader gives them, with what its scan knows better."""

    def __init__(
        self, sheet: Iterable[NumberedRow], scan: SheetScan, first: int, columns: Sequence[int] | None
    ) -> None:
        """Give rows from number ``first`` on that hold something in one of the 0-based ``columns``.

        With None, in any column.
        """
        self._sheet, self._scan, self._first = sheet, scan, first
        self._columns = columns

    def __iter__(self) -> Iterator[RowRead]:
        for number, values in self.as_they_come():
            yield RowRead(number, [None if value == "" else value for value in values])

    def as_they_come(self) -> Iterator[NumberedRow]:
        """Give the same rows, their blanks as the fast reader has them: "" or None."""
        first, columns = self._first, self._columns
        for row in self._corrected() if self._scan.corrections else self._sheet:
            number, values = row
            if number >= first and has_content(values, columns):
                yield row

    def _corrected(self) -> Iterator[NumberedRow]:
        corrections = sorted(self._scan.corrections.items())
        at = 0
        for number, values in self._sheet:
            # The fast reader may see nothing of rows whose formulas have no result.
            while at < len(corrections) and corrections[at][0] <= number:
                row, cells = corrections[at]
                at += 1
                if row == number:
                    _correct(values, cells)
                else:
                    yield row, _correct([], cells)
            yield number, values
        for row, cells in corrections[at:]:
            yield row, _correct([], cells)


def has_content(values: Sequence[CellValue], columns: Sequence[int] | None) -> bool:
    """Tell whether any of the columns, with None any at all, holds something; spaces alone do not count."""
    for column in range(len(values)) if columns is None else columns:
        value = values[column] if column < len(values) else None
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return True
    return False


def _correct(values: list[CellValue], corrections: Sequence[tuple[int, CellValue]]) -> list[CellValue]:
    for column, value in corrections:
        values.extend([None] * (column + 1 - len(values)))
        values[column] = value
    return values


def numbered_rows(sheet: CalamineSheet) -> Iterator[NumberedRow]:
    """Give a sheet's rows from the first that holds something, blanks as ""."""
    if sheet.start is None:
        return
    first, left = sheet.start
    padding: list[CellValue] = [None] * left
    rows: Iterable[list[Any]] = sheet.to_python(skip_empty_area=True)
    for number, values in enumerate(rows, start=first + 1):
        yield number, padding + values if padding else values


def load_sheet(small_package: bytes) -> CalamineSheet | None:
    """Read the sheet of a package that ``SheetWrapper`` made; None when the fast reader will not have it."""
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(small_package)).get_sheet_by_index(0)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001  a panic inside the Rust reader is no Exception
        return None


class SheetWrapper:
    """Makes packages of one sheet, with the shared strings and the styles of the workbook it comes from.

    Attributes:
        shared_bytes: XML that the fast reader reads again with every such package.
    """

    def __init__(self, package: Package) -> None:
        names = ((kind, package.related(package.workbook_part, kind)) for kind in ("sharedStrings", "styles"))
        self._shared = {
            kind: (package.info(name), package.compressed(name)) for kind, name in names if name is not None
        }
        self.shared_bytes = sum(info.file_size for info, _ in self._shared.values())
        relations = [
            ("worksheet", "worksheets/sheet1.xml"),
            *((kind, f"{kind}.xml") for kind in self._shared),
        ]
        self._small = {
            "xl/workbook.xml": _workbook_xml(package.date1904),
            "xl/_rels/workbook.xml.rels": _relations_xml(relations),
            "_rels/.rels": _relations_xml([("officeDocument", "xl/workbook.xml")]),
            "[Content_Types].xml": _content_types_xml(),
        }

    def wrap(self, xml: bytes) -> bytes:
        """Make the package of a sheet."""
        writer = _Zip()
        writer.add("xl/worksheets/sheet1.xml", xml)
        for kind, (info, compressed) in self._shared.items():
            writer.member(f"xl/{kind}.xml", compressed, info.compress_type, info.CRC, info.file_size)
        for name, text in self._small.items():
            writer.add(name, text.encode())
        return writer.finish()


def _workbook_xml(date1904: bool) -> str:
    calendar = '<workbookPr date1904="1"/>' if date1904 else ""
    sheet = '<sheet name="1" sheetId="1" r:id="rId1"/>'
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{calendar}<sheets>{sheet}</sheets></workbook>'


def _relations_xml(relations: Sequence[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target={attribute_value(target)}/>'
        for n, (kind, target) in enumerate(relations, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE_RELATIONS}">{entries}</Relationships>'


def _content_types_xml() -> str:
    kinds = {
        "workbook": "sheet.main",
        "sharedStrings": "sharedStrings",
        "styles": "styles",
        "worksheets/sheet1": "worksheet",
    }
    entries = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{entries}</Types>'


class _Zip:
    """Writes a zip whose members may come compressed from another one, which zipfile cannot."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._directory = bytearray()
        self._count = 0

    def add(self, name: str, data: bytes) -> None:
        self.member(name, data, 0, binascii.crc32(data), len(data))

    def finish(self) -> bytes:
        start = len(self._out)
        end = _END.pack(b"PK\5\6", 0, 0, self._count, self._count, len(self._directory), start, 0)
        return bytes(self._out + self._directory + end)

    def member(self, name: str, data: bytes, method: int, checksum: int, size: int) -> None:
        encoded = name.encode()
        common = (_ZIP_VERSION, 0, method, 0, 0, checksum, len(data), size, len(encoded), 0)
        self._directory += (
            _CENTRAL.pack(b"PK\1\2", _ZIP_VERSION, *common, 0, 0, 0, 0, len(self._out)) + encoded
        )
        self._out += _LOCAL.pack(b"PK\3\4", *common) + encoded + data
        self._count += 1
