"""build: the portal's downloads become a workbook."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel import __version__
from ims_excel.audit import FileMark, event_now, mark_of
from ims_excel.exceptions import WriteError
from ims_excel.pipelines.recording import append
from ims_excel.pipelines.results import BuildResult
from ims_excel.portal.amending import pair_amendments
from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot, load_snapshot
from ims_excel.progress import silent
from ims_excel.workbook.form import write_workbook
from ims_excel.workbook.layout import load_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress


def build(
    inputs: Sequence[Path | str] | Path | str,
    book: Path | str | None = None,
    *,
    gstin: str | None = None,
    protect: bool = False,
    template: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> BuildResult:
    """Build the workbook of one or more portal downloads.

    Args:
        inputs: .json or .zip files of one recipient.
        book: the workbook to write; by default ``IMS_<GSTIN>_<date of download>.xlsx`` in the current folder.
        gstin: the recipient, for downloads that do not name it.
        protect: lock the portal's columns (Excel then refuses to sort).
        template: a folder with the firm's own templates, laid over the shipped ones.
        overwrite: replace an existing workbook, and with it the decisions in it.
        progress: told of each sheet, its documents done and in all.

    Raises:
        ImsError: an input or the template cannot be used, or the workbook cannot be written.
    """
    paths = [Path(inputs)] if isinstance(inputs, (str, Path)) else [Path(path) for path in inputs]
    layout = load_layout(Path(template) if template else None)
    blob = dump_snapshot(read_downloads(paths, recipient=gstin))
    snapshot = load_snapshot(blob)  # its records are slices of the blob, so the files' own bytes can go
    target = _target(book, snapshot, paths, overwrite=overwrite)
    built = write_workbook(
        target,
        snapshot,
        blob,
        layout,
        protect=protect,
        built_at=datetime.now(timezone.utc).astimezone(),
        tool_version=__version__,
        notes={pair.amendment.key: pair.text for pair in pair_amendments(snapshot)},
        progress=progress,
    )
    notices = _log_build(target, snapshot)
    return BuildResult(
        book=target,
        recipient=snapshot.recipient,
        sections=dict(built.sections),
        read_only=dict(built.read_only),
        sources=tuple(source.name for source in snapshot.sources),
        notices=tuple(notices),
    )


def _log_build(target: Path, snapshot: Snapshot) -> list[str]:
    """Begin the log beside the workbook."""
    files = [FileMark("download", source.name, source.sha256) for source in snapshot.sources]
    counts = {"documents": sum(len(records) for records in snapshot.sections.values())}
    moment = datetime.now(timezone.utc)
    event = event_now("build", moment, target, files=[*files, mark_of("workbook", target)], counts=counts)
    return append(event, target, target)


def _target(book: Path | str | None, snapshot: Snapshot, inputs: Sequence[Path], *, overwrite: bool) -> Path:
    """Choose the workbook's path, and never let it fall on a file that people may have worked on."""
    name = f"IMS_{snapshot.recipient}_{snapshot.downloaded_at:%Y%m%d}.xlsx"
    target = Path(book) if book else Path(name)
    if target.is_dir():
        target /= name
    if target.suffix.casefold() != ".xlsx":
        raise WriteError(target, "the workbook's name must end in .xlsx.")
    if any(target.exists() and path.exists() and target.samefile(path) for path in inputs):
        raise WriteError(target, "is one of the inputs; choose another name with -o.")
    if target.exists() and not overwrite:
        raise WriteError(
            target,
            "exists already, and may hold people's decisions. Choose another name with -o, or pass --force "
            "to replace it.",
        )
    return target
