"""Opening an .xlsx or .xlsm: its parts, its sheets, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.archive import Archive, local_name, open_file
from ims_excel.workbook.kinds import BUILD_FIRST, REFUSALS, FileKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

__all__ = ["Package", "SheetPart", "local_name", "open_package"]


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook.

    Attributes:
        title: what its tab says.
        name: its part in the package.
        state: "visible", "hidden" or "veryHidden".
        is_worksheet: rows and cells, unlike a chart sheet.
    """

    title: str
    name: str
    state: str
    is_worksheet: bool = True


class Package(Archive):
    """An opened .xlsx or .xlsm; use it as a context manager.

    Attributes:
        sheets: the sheets in tab order.
        content_types: content type by part name.
        workbook_part: the name of workbook.xml.
        date1904: dates count from 1904 (old Excel for Mac).
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        super().__init__(path, file)
        self.content_types = self._read_content_types()
        self.workbook_part = self._find_workbook()
        workbook = self.tree(self.workbook_part)
        self.date1904 = _is_1904(workbook)
        self.sheets = tuple(self._list_sheets(workbook))

    def _read_content_types(self) -> dict[str, str]:
        name = "[Content_Types].xml"
        if name not in self._infos:
            raise WorkbookError(self.path, REFUSALS[FileKind.OTHER_ZIP])
        by_extension, by_name = {}, {}
        try:
            for node in self.tree(name):
                if local_name(node.tag) == "Default":
                    by_extension[node.attrib["Extension"].lower()] = node.attrib["ContentType"]
                elif local_name(node.tag) == "Override":
                    by_name[node.attrib["PartName"].lstrip("/")] = node.attrib["ContentType"]
        except KeyError:
            raise self.damaged(name) from None
        types = {part: by_extension.get(part.rpartition(".")[2].lower(), "") for part in self._infos}
        return types | by_name

    def _find_workbook(self) -> str:
        name = self.related("", "officeDocument")
        if name is None:
            raise self.damaged("_rels/.rels")
        if "wordprocessingml" in self.content_types[name] or "presentationml" in self.content_types[name]:
            raise WorkbookError(self.path, f"is a document or presentation, not a workbook: {BUILD_FIRST}.")
        return name

    def _list_sheets(self, workbook: Element) -> Iterator[SheetPart]:
        relations = self.relationships(self.workbook_part)
        for node in workbook.iter():
            if local_name(node.tag) != "sheet":
                continue
            attributes = {local_name(key): value for key, value in node.attrib.items()}
            title = attributes.get("name", "")
            kind, part = relations.get(attributes.get("id", ""), ("", ""))
            if part not in self._infos:
                what = f'is damaged: the contents of its sheet "{title}" are missing. Open an earlier copy.'
                raise WorkbookError(self.path, what)
            yield SheetPart(title, part, attributes.get("state", "visible"), is_worksheet=kind == "worksheet")


def open_package(path: Path) -> Package:
    """Open a workbook's package after checking its kind and its bounds.

    Raises:
        WorkbookError: when the file is missing, of another kind, encrypted, damaged, or larger than the
            bounds of ``archive``; its text says what to do.
    """
    file = open_file(path, {FileKind.OOXML})
    try:
        return Package(path, file)
    except BaseException:
        file.close()
        raise


def _is_1904(workbook: Element) -> bool:
    for node in workbook.iter():
        if local_name(node.tag) == "workbookPr":
            return node.get("date1904", "").lower() in {"1", "true", "on"}
    return False
