"""Commands on whole documents: open, save, export, close."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import uno
from com.sun.star.beans import NamedValue, PropertyValue
from registry import on_document, on_office

if TYPE_CHECKING:
    from registry import Session

FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
    ".pdf": "calc_pdf_Export",
}


def setting(name: str, value: Any) -> Any:
    """Build UNO's name and value pair."""
    return PropertyValue(Name=name, Value=value)


@on_office
def open_file(session: Session, path: str) -> int:
    """Open a file and return the document's number; opened hidden it would lose frozen panes in saving."""
    document = session.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, ())
    if document is None:
        raise OSError(f"LibreOffice cannot open {path}")
    number = max(session.documents, default=0) + 1
    session.documents[number] = document
    return number


@on_office
def close(session: Session, doc: int) -> None:
    """Close a document; what was not saved is lost."""
    session.documents.pop(doc).close(True)


@on_document
def save_as(doc: Any, path: str, password: str = "") -> None:
    """Save a copy in the program the suffix stands for; with a password, encrypted."""
    target = Path(path)
    settings = [setting("FilterName", FILTERS[target.suffix])]
    if password:
        settings.append(
            setting("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", ooxml_password(password)))
        )
    doc.storeToURL(target.as_uri(), tuple(settings))


def ooxml_password(password: str) -> tuple[Any, ...]:
    """Build the encryption data of an .xlsx; the plain Password setting is only heard by other formats."""
    return (NamedValue(Name="CryptoType", Value="Standard"), NamedValue(Name="OOXPassword", Value=password))


@on_document
def recalculate(doc: Any) -> None:
    """Calculate every formula anew."""
    doc.calculateAll()
