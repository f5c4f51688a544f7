"""The snapshot inside the workbook: compressed, checksummed, cut into cells.

Base64, because deflating the sheet takes its third more back again, and nothing in it needs escaping.
"""

from __future__ import annotations

import binascii
import hashlib
import zlib
from typing import TYPE_CHECKING, Any

from ims_excel.workbook.grid import PROPERTY_SNAPSHOT, PROPERTY_SOURCES

try:
    from isal import isal_zlib as deflate
except ImportError:  # no wheel for this interpreter: the same, slower
    import zlib as deflate  # type: ignore[no-redef]

if TYPE_CHECKING:
    from ims_excel.portal.snapshot import Snapshot

CELL_CHARACTERS = 32_000
"""Characters of a cell; Excel holds 32,767."""
_CELL_BYTES = CELL_CHARACTERS * 3 // 4
"""Bytes that make as many characters of base64."""

_MARK = "ims-xl snapshot 1"
_LEVEL = 2
_UNREADABLE: Any = (ValueError, zlib.error, deflate.error)
_HEADER_FIELDS = 4
_MOST_PROPERTY_TEXT = 255
_MOST_SOURCES = 50


def to_cells(data: bytes) -> list[str]:
    """Compress data and cut it into cell texts; the first says what they are, the length and the SHA-256."""
    packed = deflate.compress(data, _LEVEL)
    cells = [
        binascii.b2a_base64(packed[start : start + _CELL_BYTES], newline=False).decode("ascii")
        for start in range(0, len(packed), _CELL_BYTES)
    ]
    return [f"{_MARK}|{len(data)}|{hashlib.sha256(data).hexdigest()}|{len(cells)}", *cells]


def from_cells(cells: list[str]) -> bytes:
    """Put the cell texts back together.

    Raises:
        ValueError: when they are not ours, or damaged: a cell is missing, cut or changed.
    """
    length, digest, count = _header(cells[0] if cells else "")
    text = "".join(cell.strip() for cell in cells[1 : count + 1])
    if len(cells) <= count:
        raise ValueError(f"the snapshot has {len(cells) - 1} of its {count} cells")
    try:
        inflater = deflate.decompressobj()
        data = inflater.decompress(binascii.a2b_base64(text), length + 1)
    except _UNREADABLE as error:
        raise ValueError(f"the snapshot is damaged: {error}") from None
    if len(data) != length or hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("the snapshot is damaged: its checksum does not match")
    return data


def snapshot_properties(snapshot: Snapshot, sha256: str) -> dict[str, str]:
    """Name the snapshot that travels inside, and the files it came from."""
    properties = {PROPERTY_SNAPSHOT: sha256}
    for number, source in enumerate(snapshot.sources[:_MOST_SOURCES], start=1):
        name = PROPERTY_SOURCES if number == 1 else f"{PROPERTY_SOURCES} {number}"
        tail = f" sha256:{source.sha256}"
        properties[name] = source.name[-(_MOST_PROPERTY_TEXT - len(tail)) :] + tail
    return properties


def _header(cell: str) -> tuple[int, str, int]:
    """Read length, SHA-256 and number of cells from the first cell."""
    fields = cell.strip().split("|")
    numbers = fields[1::2]
    if len(fields) != _HEADER_FIELDS or fields[0] != _MARK or not all(map(_is_number, numbers)):
        raise ValueError("the snapshot does not begin as it must")
    return int(fields[1]), fields[2], int(fields[3])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
