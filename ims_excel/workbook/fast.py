"""The fast reader: python-calamine, given a package of our own making and nothing else.

Only parts that ``scan`` looked through are copied (as they are, compressed) into a small new package, under
sizes and checksums that were checked. So nothing that the guard did not see, such as a second directory
of the zip or somebody's own sheet with a far-out cell, can reach a reader that aborts on it.
"""

from __future__ import annotations

import binascii
import io
import struct
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from python_calamine import CalamineWorkbook

from ims_excel.workbook.exact import RowRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


class FastRows:
    """Rows of a sheet, made anew each time they are walked: the sheet itself stays in compact form."""

    def __init__(self, sheet: CalamineSheet, scan: SheetScan, first: int, columns: Sequence[int]) -> None:
        """Give rows from number ``first`` on that hold something in one of the 0-based ``columns``."""
        self._sheet, self._scan, self._first = sheet, scan, first
        self._columns = columns
        self._padding: list[CellValue] = [None] * (sheet.start[1] if sheet.start else 0)

    def __iter__(self) -> Iterator[RowRead]:
        corrections = self._scan.corrections
        for number, values in self._all_rows():
            if number in corrections:
                _correct(values, corrections[number])
            if number >= self._first and has_content(values, self._columns):
                yield RowRead(number, values)

    def _all_rows(self) -> Iterator[tuple[int, list[CellValue]]]:
        number = 0
        for number, row in enumerate(self._sheet.iter_rows(), start=1):
            values: list[CellValue] = [None if value == "" else value for value in row]
            yield number, self._padding + values if self._padding else values
        # Below its last value the fast reader sees nothing of formulas without a result.
        yield from ((below, []) for below in sorted(self._scan.corrections) if below > number)


def has_content(values: Sequence[CellValue], columns: Sequence[int]) -> bool:
    """Tell whether any of the columns holds something; spaces alone do not count."""
    for column in columns:
        value = values[column] if column < len(values) else None
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return True
    return False


def _correct(values: list[CellValue], corrections: Sequence[tuple[int, CellValue]]) -> None:
    for column, value in corrections:
        values.extend([None] * (column + 1 - len(values)))
        values[column] = value


def load_sheets(small_package: bytes, count: int) -> list[CalamineSheet]:
    """Read the sheets of a package that ``copy_sheets`` made; [] when the fast reader will not have them."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(small_package))
        return [workbook.get_sheet_by_index(index) for index in range(count)]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001  a panic inside the Rust reader is no Exception
        return []


def copy_sheets(package: Package, parts: Sequence[str]) -> bytes:
    """Make a package of the given sheets, in that order, with the shared strings and the styles."""
    writer = _Zip()
    relations = []
    for number, part in enumerate(parts, start=1):
        writer.copy(package, part, f"xl/worksheets/sheet{number}.xml")
        relations.append(("worksheet", f"worksheets/sheet{number}.xml"))
    for kind in ("sharedStrings", "styles"):
        shared = package.related(package.workbook_part, kind)
        if shared is not None:
            writer.copy(package, shared, f"xl/{kind}.xml")
            relations.append((kind, f"{kind}.xml"))
    writer.add("xl/workbook.xml", _workbook_xml(len(parts), package.date1904))
    writer.add("xl/_rels/workbook.xml.rels", _relations_xml(relations))
    writer.add("_rels/.rels", _relations_xml([("officeDocument", "xl/workbook.xml")]))
    writer.add("[Content_Types].xml", _content_types_xml(len(parts)))
    return writer.finish()


def _workbook_xml(sheets: int, date1904: bool) -> str:
    entries = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, sheets + 1))
    calendar = '<workbookPr date1904="1"/>' if date1904 else ""
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{calendar}<sheets>{entries}</sheets></workbook>'


def _relations_xml(relations: Sequence[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/{kind}" Target={quoteattr(target)}/>'
        for n, (kind, target) in enumerate(relations, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE_RELATIONS}">{entries}</Relationships>'


def _content_types_xml(sheets: int) -> str:
    kinds = {"workbook": "sheet.main", "sharedStrings": "sharedStrings", "styles": "styles"}
    kinds.update({f"worksheets/sheet{n}": "worksheet" for n in range(1, sheets + 1)})
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

    def copy(self, package: Package, part: str, name: str) -> None:
        info = package.info(part)
        self._member(name, package.compressed(part), info.compress_type, info.CRC, info.file_size)

    def add(self, name: str, xml: str) -> None:
        data = xml.encode()
        self._member(name, data, 0, binascii.crc32(data), len(data))

    def finish(self) -> bytes:
        start = len(self._out)
        end = _END.pack(b"PK\5\6", 0, 0, self._count, self._count, len(self._directory), start, 0)
        return bytes(self._out + self._directory + end)

    def _member(self, name: str, data: bytes, method: int, checksum: int, size: int) -> None:
        encoded = name.encode()
        common = (_ZIP_VERSION, 0, method, 0, 0, checksum, len(data), size, len(encoded), 0)
        self._directory += (
            _CENTRAL.pack(b"PK\1\2", _ZIP_VERSION, *common, 0, 0, 0, 0, len(self._out)) + encoded
        )
        self._out += _LOCAL.pack(b"PK\3\4", *common) + encoded + data
        self._count += 1
