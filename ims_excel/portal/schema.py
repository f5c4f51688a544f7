"""Schemas: the contract in ``schemas/``, checked in bulk by jsonschema-rs and put in words by jsonschema."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
import msgspec

from ims_excel.resources import resource_dir

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from ims_excel.options import PortalOptions

_RECORD_DEPTH = 3  # invdata, section, position


class Complaint(NamedTuple):
    """What an upload does against its schema: the section and position of the record, and a sentence."""

    section: str
    position: int
    what: str


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Load ``download``, ``upload`` or ``error-report`` from ``schemas/`` (JSON Schema 2020-12)."""
    path = resource_dir("schemas") / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def upload_schema(options: PortalOptions) -> dict[str, Any]:
    """Adapt the schema of uploads to the options that widen it: longer remarks, unknown keys echoed."""
    return _upload_schema(options.remarks_limit, options.echo_unknown)


@cache
def _upload_schema(remarks_limit: int, echo_unknown: bool) -> dict[str, Any]:
    schema = copy.deepcopy(load_schema("upload"))
    schema["$defs"]["remarks"]["maxLength"] = remarks_limit
    for definition in schema["$defs"].values():
        if echo_unknown and definition.get("additionalProperties") is False:
            definition["additionalProperties"] = True
    return schema


@cache
def _fast_validator(remarks_limit: int, echo_unknown: bool) -> Any:  # noqa: ANN401  the library is untyped
    return jsonschema_rs.Draft202012Validator(_upload_schema(remarks_limit, echo_unknown))


def first_complaint(data: bytes, options: PortalOptions) -> Complaint | None:
    """Check an upload against its schema; None when nothing is wrong with it."""
    upload = msgspec.json.decode(data)
    error = next(_fast_validator(options.remarks_limit, options.echo_unknown).iter_errors(upload), None)
    if error is None:
        return None
    path = list(error.instance_path)
    if len(path) < _RECORD_DEPTH:
        return Complaint("", 0, _in_words(upload, options))
    _, section, position = path[:_RECORD_DEPTH]
    record = upload["invdata"][section][position]
    return Complaint(section, position, _in_words({**upload, "invdata": {section: [record]}}, options))


def _in_words(upload: dict[str, Any], options: PortalOptions) -> str:
    """Word what the reference implementation finds wrong with an upload of one record."""
    # Only complaints pay for these imports.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(Draft202012Validator(upload_schema(options)).iter_errors(upload))
    if error is None:
        return "is not as the portal wants it"
    key = next((str(part) for part in reversed(error.absolute_path) if isinstance(part, str)), "")
    return f"{key} {_reason(error)}" if len(error.absolute_path) > _RECORD_DEPTH else _reason(error)


def _reason(error: ValidationError) -> str:
    value: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "required":
        missing = [key for key in value if key not in instance]
        return f"has no {', '.join(missing)}, which the portal wants"
    if error.validator == "additionalProperties":
        return "has a key that the portal does not know"
    return {
        "pattern": f"is {instance!r} and not written as the portal wants it",
        "type": "is not of the kind the portal wants",
        "maxLength": f"is longer than {value} characters",
        "minLength": "is empty",
        "minimum": f"is {instance}, below {value}",
        "const": f"is {instance!r}, and only {value!r} fits the rest of the record",
        "enum": f"is {instance!r}, which is none of {value}",
    }.get(str(error.validator), "does not fit the rest of the record")
