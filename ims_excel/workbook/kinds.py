"""What kind of file a path is, told from its content, and what to say of the kinds we cannot read."""

from __future__ import annotations

import struct
import zipfile
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class FileKind(Enum):
    """Kinds of files that people hand in for a workbook."""

    OOXML = "an .xlsx or .xlsm workbook"
    ODS = "an OpenDocument spreadsheet (.ods)"
    XLSB = "a binary workbook (.xlsb)"
    XLS = "an old .xls workbook"
    ENCRYPTED = "a workbook protected by a password"
    NUMBERS = "an Apple Numbers document"
    OTHER_ZIP = "a zip of other files"
    BROKEN_ZIP = "a zip that is cut off or damaged"
    EMPTY = "an empty file"
    JSON = "a JSON file"
    MARKUP = "an HTML or XML file"
    PDF = "a PDF"
    TEXT = "a text or CSV file"
    BINARY = "a file of an unknown kind"


SAVE_AS_XLSX = "open it in Excel or LibreOffice and save it as .xlsx"
BUILD_FIRST = "pass the workbook that ims-xl build made"

REFUSALS = {
    FileKind.ODS: f"is an OpenDocument spreadsheet (.ods): {SAVE_AS_XLSX}.",
    FileKind.XLSB: f"is a binary workbook (.xlsb): {SAVE_AS_XLSX}.",
    FileKind.XLS: f"is an old .xls workbook: {SAVE_AS_XLSX}.",
    FileKind.ENCRYPTED: "is protected by a password: open it in Excel, remove the password (File > Info > "
    "Protect Workbook > Encrypt with Password) and save it.",
    FileKind.NUMBERS: "is an Apple Numbers document: export it as .xlsx.",
    FileKind.OTHER_ZIP: f"is a zip but not a workbook: {BUILD_FIRST}.",
    FileKind.BROKEN_ZIP: "is cut off or damaged: copy or download it again, or open it in Excel, let it be "
    "repaired and save it.",
    FileKind.EMPTY: "is empty (0 bytes): copy or download it again.",
    FileKind.JSON: f"is a JSON file, not a workbook: {BUILD_FIRST}.",
    FileKind.MARKUP: f"is an HTML or XML file, not a workbook: {SAVE_AS_XLSX}.",
    FileKind.PDF: f"is a PDF, not a workbook: {BUILD_FIRST}.",
    FileKind.TEXT: f"is a text or CSV file, which holds no formats and no hidden data: {BUILD_FIRST}.",
    FileKind.BINARY: f"is not a workbook: {BUILD_FIRST}.",
}
"""What to say of each kind that is not read, a sentence behind the file's name."""

_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_DIRECTORY_BYTES = 8192
_HEAD_BYTES = 4096
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def kind_of(path: Path) -> FileKind:
    """Tell a file's kind from its content; the extension is not believed.

    Raises:
        OSError: when the file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            return FileKind.EMPTY
        if head.startswith(_OLE_MAGIC):
            file.seek(_ole_directory(head))
            return _ole_kind(file.read(_OLE_DIRECTORY_BYTES))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    return _plain_kind(head)


def _ole_directory(head: bytes) -> int:
    """Find the directory of an OLE container: its first sector is named in the header."""
    if len(head) < 52:  # noqa: PLR2004  where the header's field for it ends
        return 0
    shift, sector = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    return int((sector + 1) << min(shift, 12))


def _ole_kind(directory: bytes) -> FileKind:
    encrypted = any(name.encode("utf-16-le") in directory for name in ("EncryptedPackage", "EncryptionInfo"))
    return FileKind.ENCRYPTED if encrypted else FileKind.XLS


def _zip_kind(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, struct.error, NotImplementedError):
        return FileKind.BROKEN_ZIP
    if "[Content_Types].xml" in names:
        if any(name.endswith("workbook.bin") for name in names):
            return FileKind.XLSB
        return FileKind.OOXML
    if "mimetype" in names and "content.xml" in names:
        return FileKind.ODS
    return FileKind.NUMBERS if "Index/Document.iwa" in names else FileKind.OTHER_ZIP


def _plain_kind(head: bytes) -> FileKind:
    if head.startswith(b"%PDF"):
        return FileKind.PDF
    text = head
    for bom in _BOMS:
        text = text.removeprefix(bom)
    text = text.replace(b"\0", b"").lstrip()
    if text.startswith((b"{", b"[")):
        return FileKind.JSON
    if text.startswith(b"<"):
        return FileKind.MARKUP
    is_binary = b"\0" in head and not head.startswith(_BOMS[1:])
    return FileKind.BINARY if is_binary else FileKind.TEXT
