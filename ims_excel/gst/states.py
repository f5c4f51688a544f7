"""State and place-of-supply codes (domain file 5.6)."""

from __future__ import annotations

STATES = {
    "01": "Jammu & Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "25": "Daman & Diu",
    "26": "Dadra & Nagar Haveli and Daman & Diu",
    "27": "Maharashtra",
    "28": "Andhra Pradesh (before division)",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman & Nicobar",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
    "96": "Other Countries",
    "97": "Other Territory",
}

PLACE_LABELS = {code: f"{code}-{name}" for code, name in STATES.items()}


def place_of_supply_label(code: str) -> str:
    """Show a place-of-supply code as people know it: ``27-Maharashtra``; an unknown code as it is."""
    return PLACE_LABELS.get(code, code)


_MERGED = {"25": "26", "28": "37"}
"""Codes of before a merger or division, and the code used since."""


def is_same_state(code: str, other: str) -> bool:
    """Tell whether two codes mean one State, the old codes of Daman & Diu and Andhra Pradesh included."""
    return _MERGED.get(code, code) == _MERGED.get(other, other)
