"""Writing a package again, of which most members keep their very bytes."""

from __future__ import annotations

import copy
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from ims_excel.workbook.archive import IS_UTF8, name_bytes

try:
    from isal import isal_zlib as deflate
except ImportError:  # no wheel for this interpreter: the same, slower
    import zlib as deflate  # type: ignore[no-redef]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ims_excel.workbook.package import Package

_Item = TypeVar("_Item")

_LEVEL = 4 if deflate is zlib else 2
_COPY_BYTES = 1 << 20
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s4B4H3I5H2I")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_END = struct.Struct("<4s4H2IH")
_EXTRA = struct.Struct("<2H")
_SIZES64 = struct.Struct("<2H2Q")
_ZIP64_ID = 1
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_VERSION = 45
_HAS_DESCRIPTOR = 0x08
_DESCRIPTOR_MAGIC = b"PK\x07\x08"
_FLAGS_OF_CONTENT = 0x0F
"""Encryption, strength of compression, descriptor."""
_SLACK = 1 << 24
"""What deflate may add to data it cannot pack, far more than it does."""


def ahead(items: Iterable[_Item]) -> Iterator[_Item]:
    """Make each item, a chunk of bytes mostly, in a second thread while the last one is worked on."""
    iterator = iter(items)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, iterator, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, iterator, None)
            yield item


class ZipRewriter:
    """Writes members one after the other into an empty file that can be sought in.

    Copied members keep their compressed bytes, local header, descriptor and entry in the directory; replaced
    ones keep their name, date, attributes and comment.
    """

    def __init__(self, package: Package, target: BinaryIO) -> None:
        self._package = package
        self._target = target
        self._directory: list[bytes] = []

    def copy(self, name: str) -> None:
        """Copy a member of the package as it stands."""
        info = self._package.info(name)
        data_end = self._package.data_offset(info) + info.compress_size
        end = data_end + _descriptor_length(info, self._package.bytes_at(data_end, 24))
        offset = self._target.tell()
        for position in range(info.header_offset, end, _COPY_BYTES):
            self._target.write(self._package.bytes_at(position, min(_COPY_BYTES, end - position)))
        self._directory.append(_central(info, offset))

    def replace(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        """Write a member of the package with other content, of ``size`` bytes or a little more or less."""
        info = copy.copy(self._package.info(name))
        info.flag_bits &= ~_FLAGS_OF_CONTENT
        info.extra = b""
        self._write(info, chunks, size)

    def add(self, name: str, data: bytes) -> None:
        """Write a new member, which has the date 1 January 1980."""
        info = zipfile.ZipInfo(name)
        info.orig_filename = info.filename
        info.flag_bits = 0 if name.isascii() else IS_UTF8
        self._write(info, [data], len(data))

    def finish(self, comment: bytes = b"") -> None:
        """Write the directory."""
        start = self._target.tell()
        for entry in self._directory:
            self._target.write(entry)
        size, count = self._target.tell() - start, len(self._directory)
        if start > _MAX32 or size > _MAX32 or count > _MAX16:
            at = start + size
            version = _ZIP64_VERSION
            self._target.write(
                _END64.pack(b"PK\x06\x06", 44, version, version, 0, 0, count, count, size, start)
            )
            self._target.write(_LOCATOR64.pack(b"PK\x06\x07", 0, at, 1))
        count, size, start = min(count, _MAX16), min(size, _MAX32), min(start, _MAX32)
        self._target.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, len(comment)) + comment)

    def _write(self, info: zipfile.ZipInfo, chunks: Iterable[bytes], size: int) -> None:
        info.compress_type = zipfile.ZIP_DEFLATED
        is_large = size + _SLACK > _MAX32
        info.extract_version = _ZIP64_VERSION if is_large else zipfile.DEFAULT_VERSION
        info.header_offset = self._target.tell()
        info.CRC = info.file_size = info.compress_size = 0
        self._target.write(_local(info, is_large=is_large))
        packer = deflate.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        for chunk in chunks:
            info.CRC = deflate.crc32(chunk, info.CRC)
            info.file_size += len(chunk)
            info.compress_size += self._target.write(packer.compress(chunk))
        info.compress_size += self._target.write(packer.flush())
        end = self._target.tell()
        self._target.seek(info.header_offset)
        self._target.write(_local(info, is_large=is_large))
        self._target.seek(end)
        self._directory.append(_central(info, info.header_offset))


def _dos_time(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _local(info: zipfile.ZipInfo, *, is_large: bool) -> bytes:
    name = name_bytes(info)
    sizes = (_MAX32, _MAX32) if is_large else (info.compress_size, info.file_size)
    extra = _SIZES64.pack(_ZIP64_ID, 16, info.file_size, info.compress_size) if is_large else b""
    fixed = (info.extract_version, info.flag_bits, info.compress_type, *_dos_time(info), info.CRC, *sizes)
    return _LOCAL.pack(b"PK\x03\x04", *fixed, len(name), len(extra)) + name + extra


def _central(info: zipfile.ZipInfo, offset: int) -> bytes:
    """Write a member's entry in the directory; all but the offset is as zipfile read it."""
    name = name_bytes(info)
    sizes, extra, where = _central_sizes(info, offset)
    fixed = (info.create_version, info.create_system, info.extract_version, info.reserved)
    content = (info.flag_bits, info.compress_type, *_dos_time(info), info.CRC, *sizes)
    lengths = (len(name), len(extra), len(info.comment))
    attributes = (0, info.internal_attr, info.external_attr, where)
    return _CENTRAL.pack(b"PK\x01\x02", *fixed, *content, *lengths, *attributes) + name + extra + info.comment


def _central_sizes(info: zipfile.ZipInfo, offset: int) -> tuple[tuple[int, int], bytes, int]:
    """Put what does not fit in 32 bits into the zip64 extra field, and sizes that stood there before too."""
    extra, had_zip64 = _without_zip64(info.extra)
    sizes, where, large = (info.compress_size, info.file_size), offset, b""
    if had_zip64 or max(sizes) >= _MAX32:
        large = struct.pack("<2Q", info.file_size, info.compress_size)
        sizes = (_MAX32, _MAX32)
    if offset >= _MAX32:
        large += struct.pack("<Q", offset)
        where = _MAX32
    return sizes, (_EXTRA.pack(_ZIP64_ID, len(large)) + large if large else b"") + extra, where


def _without_zip64(extra: bytes) -> tuple[bytes, bool]:
    kept, found, position = b"", False, 0
    while position + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, position)
        end = position + _EXTRA.size + length
        if kind == _ZIP64_ID:
            found = True
        else:
            kept += extra[position:end]
        position = end
    return kept + extra[position:], found


def _descriptor_length(info: zipfile.ZipInfo, data: bytes) -> int:
    """Measure the descriptor behind a member's data: with or without signature, sizes of 4 or 8 bytes."""
    if not info.flag_bits & _HAS_DESCRIPTOR:
        return 0
    for magic in (_DESCRIPTOR_MAGIC, b""):
        for form in ("<I2I", "<I2Q"):
            expected = magic + _packed(form, info.CRC, info.compress_size, info.file_size)
            if expected != magic and data.startswith(expected):
                return len(expected)
    return 0


def _packed(form: str, *numbers: int) -> bytes:
    try:
        return struct.pack(form, *numbers)
    except struct.error:
        return b""
