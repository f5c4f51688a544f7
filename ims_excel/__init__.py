"""The GST Invoice Management System in a spreadsheet, without macros.

Four verbs do the work, each a plain function that returns a result and prints nothing:

    >>> from ims_excel import build, harvest
    >>> build("download.json", "book.xlsx").documents        # doctest: +SKIP
    18
    >>> harvest("book.xlsx", "upload.json").exported_documents        # doctest: +SKIP
    14
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ims_excel.audit import Change, Event, FileMark
    from ims_excel.exceptions import (
        DownloadError,
        ErrorReportError,
        ImsError,
        InputError,
        OptionError,
        TemplateError,
        WorkbookError,
        WriteError,
    )
    from ims_excel.findings import Finding, Place, Severity
    from ims_excel.gst.codes import Action
    from ims_excel.options import PortalOptions
    from ims_excel.pipelines.build import build
    from ims_excel.pipelines.confirm import ConfirmResult, confirm
    from ims_excel.pipelines.diff import DiffResult, diff
    from ims_excel.pipelines.errors import errors
    from ims_excel.pipelines.harvest import harvest
    from ims_excel.pipelines.log import Export, LogResult, read_log
    from ims_excel.pipelines.merge import merge
    from ims_excel.pipelines.merge_results import MergeConflict, MergedCopy, MergeResult
    from ims_excel.pipelines.refresh import RefreshResult, refresh
    from ims_excel.pipelines.results import (
        BuildResult,
        ErrorsResult,
        HarvestResult,
        MatchedError,
        Tally,
        UnmatchedError,
        ValidateResult,
    )
    from ims_excel.pipelines.split import SplitPart, SplitResult, split
    from ims_excel.pipelines.validate import validate

__version__ = "0.1.0"

__all__ = [
    "Action",
    "BuildResult",
    "Change",
    "ConfirmResult",
    "DiffResult",
    "DownloadError",
    "ErrorReportError",
    "ErrorsResult",
    "Event",
    "Export",
    "FileMark",
    "Finding",
    "HarvestResult",
    "ImsError",
    "InputError",
    "LogResult",
    "MatchedError",
    "MergeConflict",
    "MergeResult",
    "MergedCopy",
    "OptionError",
    "Place",
    "PortalOptions",
    "RefreshResult",
    "Severity",
    "SplitPart",
    "SplitResult",
    "Tally",
    "TemplateError",
    "UnmatchedError",
    "ValidateResult",
    "WorkbookError",
    "WriteError",
    "build",
    "confirm",
    "diff",
    "errors",
    "harvest",
    "merge",
    "read_log",
    "refresh",
    "split",
    "validate",
]

_HOMES = {
    "ims_excel.audit": ("Change", "Event", "FileMark"),
    "ims_excel.exceptions": (
        "DownloadError", "ErrorReportError", "ImsError", "InputError",
        "OptionError", "TemplateError", "WorkbookError", "WriteError",
    ),
    "ims_excel.findings": ("Finding", "Place", "Severity"),
    "ims_excel.gst.codes": ("Action",),
    "ims_excel.options": ("PortalOptions",),
    "ims_excel.pipelines.build": ("build",),
    "ims_excel.pipelines.confirm": ("ConfirmResult", "confirm"),
    "ims_excel.pipelines.diff": ("DiffResult", "diff"),
    "ims_excel.pipelines.errors": ("errors",),
    "ims_excel.pipelines.harvest": ("harvest",),
    "ims_excel.pipelines.log": ("Export", "LogResult", "read_log"),
    "ims_excel.pipelines.merge": ("merge",),
    "ims_excel.pipelines.merge_results": ("MergeConflict", "MergedCopy", "MergeResult"),
    "ims_excel.pipelines.refresh": ("RefreshResult", "refresh"),
    "ims_excel.pipelines.results": (
        "BuildResult", "ErrorsResult", "HarvestResult", "MatchedError",
        "Tally", "UnmatchedError", "ValidateResult",
    ),
    "ims_excel.pipelines.split": ("SplitPart", "SplitResult", "split"),
    "ims_excel.pipelines.validate": ("validate",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that ``ims-xl --help`` stays quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
