"""Problems with a *file* or with how a command was called: nothing can go on, nothing was written.

Problems with a *row* are values, not exceptions: see ``findings``.

    ImsError                        every error of ours; exit code 2
    ├── InputError                  a file that cannot be used (names the file and the place in it)
    │   ├── DownloadError           a portal download, upload or zip that is not what it should be
    │   ├── WorkbookError           a workbook that is not ours, damaged, encrypted or of another kind
    │   └── ErrorReportError        a portal error report that cannot be used
    ├── TemplateError               a template file with a mistake, or one that drops a needed column
    ├── OptionError                 options that do not fit together, or one that is missing
    └── WriteError                  a result that could not be written (open in Excel, read-only, disk full)

Example:
    >>> from ims_excel import ImsError, harvest
    >>> try:
    ...     harvest("book.xlsx")
    ... except ImsError as problem:
    ...     print(problem)
    book.xlsx: there is no such file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ImsError(Exception):
    """Every error that ims-xl raises on purpose; its text is one sentence for a person."""


class InputError(ImsError):
    """A file that cannot be used.

    Attributes:
        path: the file.
        place: where in the file ("$.imsDetails.b2b[3].inum", "Sheet B2B, row 12"), or "".
        what: the complaint, a sentence without the file's name.
    """

    def __init__(self, path: Path | str, what: str, *, place: str = "") -> None:
        self.path = path
        self.place = place
        self.what = what
        where = f"{path}: {place}: " if place else f"{path}: "
        super().__init__(where + what)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.path, self.what, self.place))


def _rebuild(kind: type[InputError], path: Path | str, what: str, place: str) -> InputError:
    return kind(path, what, place=place)


class DownloadError(InputError):
    """A portal download that is not what it should be."""


class WorkbookError(InputError):
    """A workbook that is not ours, damaged, encrypted or of another kind."""


class ErrorReportError(InputError):
    """A portal error report that cannot be used."""


class TemplateError(InputError):
    """A template file with a mistake."""


class OptionError(ImsError):
    """Options that do not fit together, or one that is missing."""


class WriteError(InputError):
    """A result that could not be written."""
