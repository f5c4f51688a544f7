"""docs/round-trip.md says what the tests show."""

from __future__ import annotations

from scenarios import round_trip
from scenarios.all import SCENARIOS


def test_the_page_is_current():
    said = round_trip.PAGE.read_text(encoding="utf-8")
    assert said == round_trip.page(), "run: python tests/scenarios/round_trip.py"


def test_every_scenario_and_every_hostile_file_says_what_it_is():
    assert all(scenario.does and scenario.happens for scenario in SCENARIOS)
    undescribed = [line for line in round_trip.page().splitlines() if "|  |" in line]
    assert undescribed == []
