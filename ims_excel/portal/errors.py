"""Error reports: what the portal did not take, from the Offline tab or its interface (domain file 3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ims_excel.exceptions import ErrorReportError
from ims_excel.gst.codes import Action
from ims_excel.gst.gstin import is_gstin
from ims_excel.portal.advice import advice_on
from ims_excel.portal.decoding import period_of, text_of
from ims_excel.portal.intake import portal_files
from ims_excel.portal.jsontext import JsonError, load_unique, shown, text_bytes
from ims_excel.portal.sections import READ_ONLY_TITLES, Section, fold_key, section_for
from ims_excel.portal.wire import fold_field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ims_excel.portal.intake import PortalFile

NO_REASON = "The portal gave no reason."

_NUMBER_KEYS = ("inum", "ntnum")
_DATE_KEYS = ("idt", "ntdt")
_PERIOD_KEYS = ("rtnprd", "srtnprd")
_CODE_KEYS = ("errorcd", "errcd", "errorcode")
_ACTIONS = {action.value: action for action in Action}
_MESSAGE_KEYS = ("errormsg", "errmsg", "errormessage", "message")
_STATUS = {
    "P": "The portal processed the upload completely{processed}.",
    "PE": "The portal processed the upload with errors{processed}{failed}.",
    "ER": "The portal refused the whole upload: no record of it was taken.",
    "IP": "The portal is still processing the upload; download the report again later.",
    "REC": "The portal has received the upload and not processed it yet; download the report again later.",
}
_ON_UPLOAD = (
    "is an upload, not an error report; the report is on the portal's Offline tab once it processed it."
)
_ON_DOWNLOAD = "is a download, not an error report; give it to: ims-xl build FILE"


@dataclass(frozen=True)
class PortalError:
    """One complaint of the portal about one document.

    Attributes:
        section: the section; None for one we do not know.
        source_key: the section key as the report spells it.
        supplier_gstin: the supplier, "" where the report does not say; likewise ``number``.
        number: number of the document.
        date: dd-mm-yyyy, where the report has it.
        return_period: MMYYYY, where the report has it.
        code: the portal's code, "" without one.
        message: the portal's words.
        advice: what to do about it, "" where we do not know.
        fields: machine names of the columns it is about; none where it names no field.
        action: the action that was uploaded, where the report repeats it.
        remarks: likewise the remarks.
    """

    section: Section | None
    source_key: str
    supplier_gstin: str
    number: str
    date: str | None
    return_period: str | None
    code: str
    message: str
    advice: str
    fields: tuple[str, ...]
    action: Action | None = None
    remarks: str = ""


@dataclass
class ErrorReport:
    """What one or several reports say.

    Attributes:
        recipient: whose upload it was; None where no report says.
        errors: one for each document and message, in the order of the files.
        notices: sentences about the upload as a whole.
        statuses: what the interface's reports call the state of the upload: "P", "PE", "ER", "IP", "REC".
    """

    recipient: str | None = None
    errors: list[PortalError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    statuses: set[str] = field(default_factory=set)


def read_error_reports(paths: Sequence[Path]) -> ErrorReport:
    """Read the portal's error reports (.json or .zip), the Offline tab's and its interface's.

    Raises:
        ErrorReportError: a file is no error report, or the files belong to different GSTINs.
    """
    report = ErrorReport()
    first: PortalFile | None = None
    for file in portal_files(paths, ErrorReportError):
        found = _Reader(file).read()
        if report.recipient and found.recipient and report.recipient != found.recipient:
            raise ErrorReportError(
                file.label,
                f"belongs to {found.recipient}, and {first.label if first else ''} to {report.recipient}.",
            )
        if report.recipient is None and found.recipient:
            report.recipient, first = found.recipient, file
        report.errors.extend(found.errors)
        report.notices.extend(found.notices)
        report.statuses |= found.statuses
    report.errors = list(dict.fromkeys(report.errors))
    report.notices = list(dict.fromkeys(report.notices))
    return report


class _Reader:
    """Reads one file."""

    def __init__(self, file: PortalFile) -> None:
        self.file = file
        self.report = ErrorReport()

    def read(self) -> ErrorReport:
        """Read the file in whichever of its shapes it comes."""
        try:
            content = load_unique(text_bytes(self.file.data))
        except JsonError as problem:
            raise ErrorReportError(self.file.label, str(problem)) from problem
        if not isinstance(content, dict):
            raise self._error("is not an object of keys and values, as every error report of the IMS is.")
        self._enter(content, "$")
        return self.report

    def _enter(self, content: dict[str, Any], place: str) -> None:
        folded = {fold_key(key): (key, value) for key, value in content.items()}
        self._take_recipient(folded)
        if "imsdetailserr" in folded:
            self._take_sections(*folded["imsdetailserr"], place)
        elif "errorreport" in folded or "errcd" in folded or ("statuscd" in folded and "data" not in folded):
            self._take_status(folded)
            if "errorreport" in folded:
                self._take_sections(*folded["errorreport"], place)
        elif "imsdetails" in folded or _has_sections(folded):
            raise self._error(_ON_DOWNLOAD)
        elif "invdata" in folded:
            raise self._error(_ON_UPLOAD)
        elif "data" in folded and isinstance(folded["data"][1], dict):
            self._enter(folded["data"][1], f"{place}.{shown(folded['data'][0])}")
        else:
            keys = ", ".join(map(shown, list(content)[:10])) or "none"
            raise self._error(f"is JSON, but not an error report of the IMS (keys found: {keys}).")

    def _take_recipient(self, folded: dict[str, tuple[str, Any]]) -> None:
        for key in ("rtin", "gstin"):
            value = folded.get(key, ("", None))[1]
            if isinstance(value, str) and value.strip() and self.report.recipient is None:
                if not is_gstin(value.strip().upper()):
                    raise self._error(f"{shown(value)} is not a GSTIN.", f"$.{key}")
                self.report.recipient = value.strip().upper()

    def _take_status(self, folded: dict[str, tuple[str, Any]]) -> None:
        """Put in words what the report says of the upload as a whole (3.2)."""
        said = {key: value for key, (_, value) in folded.items()}
        status, code, message = _first(said, ("statuscd",)), _first(said, _CODE_KEYS), _reason(said)
        nested = said.get("error")
        if isinstance(nested, dict):
            inside = _folded(nested)
            code, message = _first(inside, _CODE_KEYS) or code, _reason(inside) or message
        counts = {
            "processed": _count(_first(said, ("proccnt",)), "processed"),
            "failed": _count(_first(said, ("errcnt",)), "with errors"),
        }
        sentence = _STATUS.get(status.upper())
        if sentence:
            self.report.statuses.add(status.upper())
            self.report.notices.append(sentence.format(**counts))
        elif status and not message:
            self.report.notices.append(
                f"The portal reports the status {status}, which is not known to ims-xl."
            )
        if code or message:
            advice = advice_on(code, message).what_to_do
            words = ": ".join(part for part in (code, message or NO_REASON) if part)
            self.report.notices.append(" ".join(part for part in (words, advice) if part))

    def _take_sections(self, key: str, sections: object, place: str) -> None:
        if not sections:
            sections = {}
        if not isinstance(sections, dict):
            raise self._error("must be an object of sections.", f"{place}.{key}")
        self._take_recipient({fold_key(name): (name, value) for name, value in sections.items()})
        before = len(self.report.errors)
        for name, groups in sections.items():
            if isinstance(groups, (list, dict)):
                self._take_section(name, _as_list(groups), f"{place}.{key}.{shown(name)}")
        if len(self.report.errors) == before and not self.report.notices:
            self.report.notices.append(f"{self.file.name} lists no errors.")

    def _take_section(self, name: str, groups: list[Any], place: str) -> None:
        for index, group in enumerate(groups):
            if not isinstance(group, dict):
                raise self._error("must be an object of keys and values.", f"{place}[{index}]")
            self.report.errors.extend(_errors_of(name, group))

    def _error(self, what: str, place: str = "") -> ErrorReportError:
        return ErrorReportError(self.file.label, what, place=place)


def _has_sections(folded: dict[str, tuple[str, Any]]) -> bool:
    return any(section_for(key) is not None or key in READ_ONLY_TITLES for key in folded)


def _errors_of(name: str, record: dict[str, Any]) -> Iterator[PortalError]:
    """Make an error of a record, or of each document in a group (3.2)."""
    said = _folded(record)
    error = _error_of(name, said)
    documents = _as_list(said.get("inv"))
    for document in documents:
        if not isinstance(document, dict):
            yield replace(error, number=str(document))
            continue
        inside = _folded(document)
        own = _error_of(name, {**said, **{key: value for key, value in inside.items() if value is not None}})
        yield replace(own, supplier_gstin=_first(inside, ("stin", "ctin")) or error.supplier_gstin)
    if not documents:
        yield error


def _error_of(name: str, said: dict[str, Any]) -> PortalError:
    code, message = _first(said, _CODE_KEYS), _reason(said) or NO_REASON
    advice = advice_on(code, message)
    return PortalError(
        section=section_for(name),
        source_key=name,
        supplier_gstin=_first(said, ("stin", "ctin")).upper(),
        number=_first(said, _NUMBER_KEYS),
        date=_first(said, _DATE_KEYS) or None,
        return_period=_period(said) or None,
        code=code,
        message=message,
        advice=advice.what_to_do,
        fields=advice.fields,
        action=_ACTIONS.get(_first(said, ("action",)).upper()),
        remarks=_first(said, ("remarks",)),
    )


def _folded(record: dict[str, Any]) -> dict[str, Any]:
    return {fold_field(key): value for key, value in record.items()}


def _first(said: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Take the first of several keys that says something, as text."""
    for key in keys:
        value = said.get(key)
        if isinstance(value, str) and value.strip():
            return text_of(value).strip()
    return ""


def _period(said: dict[str, Any]) -> str:
    values = [said.get(key) for key in _PERIOD_KEYS]
    return next(
        (period_of(value).strip() for value in values if isinstance(value, str) and value.strip()), ""
    )


def _reason(said: dict[str, Any]) -> str:
    """Take the portal's words; a list of them becomes one text."""
    for key in _MESSAGE_KEYS:
        texts = [item.strip() for item in _as_list(said.get(key)) if isinstance(item, str) and item.strip()]
        if texts:
            return "; ".join(texts)
    return ""


def _count(text: str, what: str) -> str:
    return f", {text} records {what}" if text else ""


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
