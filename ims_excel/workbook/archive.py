"""A zip of parts whose bounds are checked: parts are counted and checked while they are inflated.

A workbook is a zip whose directory may lie. Nothing it declares is believed: sizes and checksums are
compared with what comes out, and a part is given out in chunks so that no size is held in memory.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.kinds import REFUSALS, FileKind, kind_of
from ims_excel.workbook.markup import DoctypeError

try:
    from isal import isal_zlib as deflate
except ImportError:  # no wheel for this interpreter: the same, slower
    import zlib as deflate  # type: ignore[no-redef]

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from types import TracebackType
    from xml.etree.ElementTree import Element

    from typing_extensions import Self

MAX_MEMBERS = 20_000
"""Members of the zip; Excel's own files have some dozens."""
MAX_PART_BYTES = 3 << 30
"""Inflated bytes of one part: a full sheet of 1,048,576 rows and 40 columns takes about 2 GiB."""
MAX_TOTAL_BYTES = 8 << 30
"""Inflated bytes of all parts together."""
MAX_RATIO = 250
"""How much smaller than its content a part may be; real sheets stand at 8 to 30."""
RATIO_FREE_BYTES = 8 << 20
"""Parts up to this many inflated bytes may have any ratio: small parts of blanks are harmless."""
MAX_TREE_BYTES = 32 << 20
"""Inflated bytes of a part that is parsed as a whole (workbook.xml, relationships, styles, properties)."""
CHUNK_BYTES = 1 << 19
"""How much of a part is given out at a time."""

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_COMPRESSED_CHUNK = 1 << 17
_ENCRYPTED_FLAG = 1
IS_UTF8 = 0x800
"""The flag of a member whose name is UTF-8."""
_INFLATE_ERROR: Any = (zlib.error, deflate.error)
_REPAIR = "open it in Excel, let it be repaired, and save it, or go back to an earlier copy"


class PartStream:
    """One part of the package, inflated in chunks, counted and checked against its checksum.

    Raises:
        WorkbookError: from ``read`` when the part is damaged or not of the size it claims.
    """

    def __init__(self, package: Archive, info: zipfile.ZipInfo) -> None:
        self._package = package
        self._info = info
        self._position = package.data_offset(info)
        self._end = self._position + info.compress_size
        self._is_deflated = info.compress_type == zipfile.ZIP_DEFLATED
        self._inflater = deflate.decompressobj(wbits=-15)
        self._left = info.file_size
        self._checksum = 0

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Read up to ``size`` bytes (at least one); b"" at the end, when size and checksum agree."""
        try:
            data = self._inflated(size) if self._is_deflated else self._raw(size)
        except _INFLATE_ERROR:
            raise self._package.damaged(self._info.filename) from None
        self._left -= len(data)
        self._checksum = deflate.crc32(data, self._checksum)
        if self._left < 0 or (not data and (self._left or self._checksum != self._info.CRC)):
            raise self._package.damaged(self._info.filename)
        return data

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read():
            yield data

    def _raw(self, size: int) -> bytes:
        data = self._package.bytes_at(self._position, min(size, self._end - self._position))
        self._position += len(data)
        return data

    def _inflated(self, size: int) -> bytes:
        inflater = self._inflater
        while not inflater.eof:
            waiting = inflater.unconsumed_tail or self._raw(_COMPRESSED_CHUNK)
            data: bytes = inflater.decompress(waiting, size)
            if data or not waiting:
                return data
        return b""


class Archive:
    """An opened zip whose bounds have been checked; use it as a context manager.

    Attributes:
        path: the file.
        names: the parts, in the order of the zip.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file
        try:
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                directory_offset = archive.start_dir
        except (zipfile.BadZipFile, ValueError, OverflowError, struct.error, NotImplementedError):
            raise WorkbookError(path, REFUSALS[FileKind.BROKEN_ZIP]) from None
        _check_members(path, infos)
        _check_overlaps(path, infos, directory_offset)
        self._infos = {info.filename: info for info in infos}
        self.names = tuple(self._infos)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def info(self, name: str) -> zipfile.ZipInfo:
        """Give the zip's own description of a part; KeyError without such a part."""
        return self._infos[name]

    def open(self, name: str) -> PartStream:
        """Open a part as a stream that is counted and checked; KeyError without such a part."""
        return PartStream(self, self._infos[name])

    def read(self, name: str, limit: int = MAX_TREE_BYTES) -> bytes:
        """Read a part whole.

        Raises:
            KeyError: without such a part.
            WorkbookError: when it is damaged or holds more than ``limit`` bytes.
        """
        if self._infos[name].file_size > limit:
            raise WorkbookError(self.path, f"its part {name} is larger than ims-xl reads ({limit:,} bytes).")
        return b"".join(self.open(name))

    def tree(self, name: str) -> Element:
        """Parse a small XML part.

        Raises:
            KeyError: without such a part.
            WorkbookError: when it is damaged, too large, or declares a document type or entities.
        """
        return self._parse(name, self.read(name))

    def relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """List what a part ("" for the package) refers to inside: by id, the kind and the part's name.

        The kind is the last word of the relationship's type ("worksheet", "styles"), which strict and
        transitional files have in common. Links to outside are left out.
        """
        rels_name = posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")
        if rels_name not in self._infos:
            return {}
        folder = posixpath.dirname(part)
        try:
            return {
                node.attrib["Id"]: (
                    node.attrib["Type"].rpartition("/")[2],
                    self._resolve(folder, node.attrib["Target"]),
                )
                for node in self.tree(rels_name)
                if node.get("TargetMode") != "External" and node.get("Id")
            }
        except KeyError:
            raise self.damaged(rels_name) from None

    def related(self, part: str, kind: str) -> str | None:
        """Name the first existing part of a kind ("sharedStrings", "styles") that a part refers to."""
        targets = (target for found, target in self.relationships(part).values() if found == kind)
        return next((target for target in targets if target in self._infos), None)

    def compressed(self, name: str) -> bytes:
        """Give a part's bytes as they stand in the zip."""
        info = self._infos[name]
        return self.bytes_at(self.data_offset(info), info.compress_size)

    def bytes_at(self, offset: int, size: int) -> bytes:
        """Read from the file itself; WorkbookError when the disk refuses."""
        try:
            self._file.seek(offset)
            return self._file.read(size)
        except OSError as error:
            raise WorkbookError(self.path, f"could not be read: {error.strerror or error}.") from error

    def data_offset(self, info: zipfile.ZipInfo) -> int:
        """Find where a part's bytes begin; WorkbookError when its local header is missing or another's."""
        name = name_bytes(info)
        header = self.bytes_at(info.header_offset, _LOCAL_HEADER.size + len(name))
        fields, named = header[: _LOCAL_HEADER.size], header[_LOCAL_HEADER.size :]
        if len(fields) < _LOCAL_HEADER.size or not fields.startswith(_LOCAL_MAGIC):
            raise self.damaged(info.filename)
        name_length, extra_length = _LOCAL_HEADER.unpack(fields)[-2:]
        if name_length != len(name) or named != name:
            raise self.damaged(info.filename)
        return info.header_offset + len(header) + int(extra_length)

    def damaged(self, name: str) -> WorkbookError:
        """Word the complaint for a part that is not what it claims to be."""
        return WorkbookError(self.path, f"is damaged in its part {name}: {_REPAIR}.")

    @contextmanager
    def naming_damage(self, name: str) -> Iterator[None]:
        """Word what goes wrong while a part is followed as a complaint about that part."""
        try:
            yield
        except DoctypeError:
            raise self.doctype(name) from None
        except ValueError:
            raise self.damaged(name) from None

    def doctype(self, name: str) -> WorkbookError:
        """Word the complaint for a part with a document type, which no spreadsheet program writes."""
        what = f"its part {name} declares a document type or entities, which no spreadsheet program writes"
        return WorkbookError(self.path, f"{what}; it is not read for safety.")

    def _parse(self, name: str, data: bytes) -> Element:
        try:
            root: Element = fromstring(data, forbid_dtd=True)
        except DefusedXmlException:
            raise self.doctype(name) from None
        except (ParseError, ValueError, LookupError):
            raise self.damaged(name) from None
        return root

    @staticmethod
    def _resolve(folder: str, target: str) -> str:
        if target.startswith("/"):
            return target[1:]
        return posixpath.normpath(posixpath.join(folder, target))


def open_file(path: Path, kinds: Collection[FileKind]) -> IO[bytes]:
    """Open a file after checking that it is of one of these kinds.

    Raises:
        WorkbookError: when the file is missing or of another kind; its text says what to do.
    """
    _check_path(path)
    try:
        kind = kind_of(path)
        if kind not in kinds:
            raise WorkbookError(path, REFUSALS[kind])
        return path.open("rb")
    except PermissionError:
        raise WorkbookError(
            path, "could not be read: close it in Excel, or check that you may read it."
        ) from None
    except OSError as error:
        raise WorkbookError(path, f"could not be read: {error.strerror or error}.") from error


def name_bytes(info: zipfile.ZipInfo) -> bytes:
    """Give a member's name as it stands in the zip: zipfile reads cp437 where the UTF-8 flag is not set."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & IS_UTF8 else "cp437")


def local_name(tag: str) -> str:
    """Strip the namespace of an ElementTree name, so that strict and transitional files read alike."""
    return tag.rpartition("}")[2]


def _check_path(path: Path) -> None:
    if path.name.startswith("~$"):
        what = f"is the lock file of a workbook that is open in Excel: pass {path.name[2:]} instead."
        raise WorkbookError(path, what)
    if path.is_dir():
        raise WorkbookError(path, "is a folder: pass the workbook in it.")
    if not path.exists():
        raise WorkbookError(path, "there is no such file.")


def _check_members(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_MEMBERS:
        raise WorkbookError(path, f"holds {len(infos):,} parts, more than ims-xl reads ({MAX_MEMBERS:,}).")
    if len({info.filename.lower() for info in infos}) < len(infos):
        raise WorkbookError(path, f"holds a part twice, so what it says is unclear: {_REPAIR}.")
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise WorkbookError(path, f"unpacks to more than ims-xl reads ({MAX_TOTAL_BYTES:,} bytes).")
    for info in infos:
        _check_member(path, info)


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise WorkbookError(path, REFUSALS[FileKind.ENCRYPTED])
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookError(path, f"packs its part {info.filename} in a way no spreadsheet program does.")
    if info.file_size > MAX_PART_BYTES:
        what = f"its part {info.filename} unpacks to more than ims-xl reads ({MAX_PART_BYTES:,} bytes)."
        raise WorkbookError(path, what)
    if info.file_size > max(RATIO_FREE_BYTES, info.compress_size * MAX_RATIO):
        what = f"its part {info.filename} unpacks to more than {MAX_RATIO} times its size"
        raise WorkbookError(path, f"{what}, as only files made to do harm do.")


def _check_overlaps(path: Path, infos: list[zipfile.ZipInfo], directory_offset: int) -> None:
    """Refuse members that share bytes: the trick of the densest zip bombs."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise WorkbookError(
                path, f"holds parts that overlap, as only files made to do harm do: {_REPAIR}."
            )
        end = info.header_offset + _LOCAL_HEADER.size + len(info.orig_filename) + info.compress_size
    if end > directory_offset:
        raise WorkbookError(path, REFUSALS[FileKind.BROKEN_ZIP])
