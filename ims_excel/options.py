"""The contested points of the portal's format, each one named option with its default.

No public source settles these (domain file section 7); a user with portal access can flip any of them without
waiting for a release. This is the only place that names them: the command line and the rules read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal


def _choice(default: str, *choices: str, point: str, help: str) -> Any:  # noqa: A002, ANN401
    return field(default=default, metadata={"choices": choices, "point": point, "help": help})


def _switch(*, point: str, help: str) -> Any:  # noqa: A002, ANN401
    return field(default=False, metadata={"point": point, "help": help})


def _number(default: int, *, point: str, help: str) -> Any:  # noqa: A002, ANN401
    return field(default=default, metadata={"point": point, "help": help})


@dataclass(frozen=True)
class PortalOptions:
    """How contested points of the portal's format are settled.

    Each field's metadata holds its register point, its help text and, where it has them, its choices.
    """

    itc_key_style: Literal["camel", "snake"] = _choice(
        "camel", "camel", "snake", point="7.1", help="spelling of the ITC-reduction keys in the upload"
    )
    accept_remarks: Literal["auto", "always", "never"] = _choice(
        "auto", "auto", "always", "never", point="7.4",
        help="send remarks with Accepted: auto = only when the ITC is reduced in part or not at all",
    )  # fmt: skip
    echo_flags: bool = _switch(
        point="7.5", help="send the filing status and the blocked flags back, as some accepted uploads did"
    )
    empty_sections: Literal["omit", "arrays"] = _choice(
        "omit", "omit", "arrays", point="7.6", help="leave sections without records out, or send empty arrays"
    )
    undo: Literal["save", "leave-out"] = _choice(
        "save", "save", "leave-out", point="7.7",
        help="a decision taken back to No Action: send it as N, or leave it for the dashboard's Reset",
    )  # fmt: skip
    full_reduction: Literal["omit", "amounts"] = _choice(
        "omit",
        "omit",
        "amounts",
        point="7.8",
        help="full ITC reduction: leave the amounts out, or send them all",
    )
    eco_keys: Literal["source", "ecom", "eco"] = _choice(
        "source", "source", "ecom", "eco", point="7.13",
        help="section key of e-commerce documents: as the download spelled it, ecom/ecoma, or eco/ecoa",
    )  # fmt: skip
    echo_unknown: bool = _switch(
        point="7 (2)", help="send keys of a record that we do not know back as they came"
    )
    remarks_limit: int = _number(250, point="7.17", help="longest remark the portal takes, in characters")
    long_remarks: Literal["error", "truncate"] = _choice(
        "error", "error", "truncate", point="R30", help="a remark over the limit: stop, or cut it"
    )
    blocked_remarks: Literal["error", "drop"] = _choice(
        "error",
        "error",
        "drop",
        point="R31",
        help="a remark where the portal blocks remarks: stop, or leave it out",
    )
    itc_without_accept: Literal["error", "ignore"] = _choice(
        "error",
        "error",
        "ignore",
        point="R41",
        help="ITC cells filled without Accepted: stop, or leave them out",
    )
    max_records: int = _number(
        5000, point="2.9", help="records of an upload from which it is split into parts; 0 = never"
    )
    max_bytes: int = _number(
        4_500_000, point="2.9", help="bytes of an upload from which it is split into parts; 0 = never"
    )
    max_age_days: int = _number(
        3, point="R70", help="age of the download, in days, from which a fresh one is advised"
    )

    def __post_init__(self) -> None:
        """Refuse a value outside a field's choices.

        Raises:
            ValueError: naming the option and its choices.
        """
        for spec in fields(self):
            choices = spec.metadata.get("choices")
            if choices and getattr(self, spec.name) not in choices:
                raise ValueError(f"{spec.name} must be one of {', '.join(choices)}")
