"""Reading template files: TOML, checked against ``schemas/template.schema.json``.

Complaints are worded for the accountants who write such files, not by the schema library.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from ims_excel.exceptions import TemplateError
from ims_excel.resources import resource_dir

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import ValidationError


def read_template(path: Path) -> dict[str, Any]:
    """Read a TOML file as it is.

    Raises:
        TemplateError: when it cannot be read or is no TOML.
    """
    try:
        table: dict[str, Any] = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise TemplateError(path, f"could not be read: {error.strerror or error}.") from error
    except UnicodeDecodeError:
        raise TemplateError(path, "is not saved as UTF-8; save it so.") from None
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(path, f"is not valid TOML: {error}.") from None
    return table


def read_overlay(path: Path, kind: str) -> dict[str, Any]:
    """Read a firm's file and check it against the schema of its kind, "section" or "theme".

    Raises:
        TemplateError: naming the file, the column or table, and what is wrong with it.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415  only builds with a template pay for it

    found = read_template(path)
    text = (resource_dir("schemas") / "template.schema.json").read_text(encoding="utf-8")
    schema = {"$ref": f"#/$defs/{kind}", "$defs": json.loads(text)["$defs"]}
    error = next(iter(sorted(Draft202012Validator(schema).iter_errors(found), key=_depth_first)), None)
    if error is not None:
        raise TemplateError(path, _complaint(error), place=_place(error, found))
    return found


def _depth_first(error: ValidationError) -> list[str]:
    return [str(step) for step in error.absolute_path]


def _place(error: ValidationError, found: dict[str, Any]) -> str:
    """Name where a complaint belongs: a column by its machine name, another entry by its path."""
    steps = list(error.absolute_path)
    if len(steps) > 1 and steps[0] == "columns":
        column = found["columns"][steps[1]]
        name = column.get("name") if isinstance(column, dict) else None
        return f'column "{name}"' if name else f"column {int(steps[1]) + 1}"
    return ".".join(str(step) for step in steps)


def _complaint(error: ValidationError) -> str:
    entry = str(error.absolute_path[-1]) if error.absolute_path else "the file"
    limit: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        known = schema["properties"]
        found: Any = error.instance
        unknown = ", ".join(sorted(name for name in found if name not in known))
        return f"has an unknown entry: {unknown}. Known are {', '.join(known)}."
    if error.validator == "required":
        return "has no name; every column needs one."
    worded = {
        "type": f"{entry} must be {_ARTICLES.get(str(limit), limit)}.",
        "enum": f"{entry} must be one of {', '.join(map(str, limit)) if isinstance(limit, list) else limit}.",
        "minimum": f"{entry} must be at least {limit}.",
        "maximum": f"{entry} must be at most {limit}.",
        "maxLength": f"{entry} must have at most {limit} characters.",
        "minLength": f"{entry} must not be empty.",
        "pattern": f"{entry} {_PATTERNS.get(str(limit), 'is not written as it must be')}.",
        "uniqueItems": f"{entry} names a column twice.",
    }
    return worded.get(str(error.validator), f"{entry}: {error.message}.")


_ARTICLES = {
    "object": "a table",
    "array": "a list",
    "string": "a text in quotes",
    "number": "a number",
    "boolean": "true or false",
}
_PATTERNS = {
    "^#[0-9A-Fa-f]{6}$": 'must be a colour like "#1F4E79"',
    "^[a-z][a-z0-9_]{0,39}$": "must be small letters, digits and _, beginning with a letter",
    "\\S": "must not be blank",
}
