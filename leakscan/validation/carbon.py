"""Grams of CO2 equivalent for each kWh: what the user gives, or a country's mean in codecarbon's table.

codecarbon is found, not imported: its table is all that is needed, and importing it takes a second.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
from dataclasses import dataclass
from typing import Any

from leakscan.errors import LeakscanError

JOULES_PER_KWH = 3.6e6
_DIRTIEST_GRAMS = 10_000  # lignite alone is near 1100
_TABLE = "data/private_infra/global_energy_mix.json"


@dataclass(frozen=True, slots=True)
class Carbon:
    """The carbon intensity of the electricity, where it comes from, and of which year it is."""

    intensity_grams_per_kwh: float
    source: str
    year: int | None = None

    def grams(self, energy_joules: float) -> float:
        """The grams of CO2 equivalent for so much energy."""
        return energy_joules / JOULES_PER_KWH * self.intensity_grams_per_kwh


def carbon_from_intensity(grams_per_kwh: float) -> Carbon:
    """The intensity that the user gives. Raises LeakscanError unless it is a number from 0 to 10 000."""
    if not (math.isfinite(grams_per_kwh) and 0 <= grams_per_kwh <= _DIRTIEST_GRAMS):
        raise LeakscanError(
            f"--carbon-intensity: {grams_per_kwh:g} g/kWh is not between 0 and {_DIRTIEST_GRAMS}"
        )
    return Carbon(float(grams_per_kwh), "given by the user")


def carbon_from_country(iso3: str) -> Carbon:
    """The mean intensity of a country's electricity, by its ISO 3166 code of three letters.

    Source: codecarbon's table of national energy mixes (from Our World in Data), a yearly mean: neither the
    hour nor the region. Raises LeakscanError for a code that is not in the table, and without codecarbon.
    """
    from leakscan.words import did_you_mean

    table = _read_table()
    code = iso3.upper()
    row = table.get(code)
    if row is None:
        names = {str(each.get("country_name")): key for key, each in table.items()}
        hint = did_you_mean(iso3, [*table, *names])
        near = next((key for name, key in names.items() if f"{name!r}" in hint), None)
        raise LeakscanError(
            f"--country: unknown code {iso3!r}{f' (did you mean {near!r}?)' if near else hint}"
        )
    intensity = row.get("carbon_intensity")
    if not isinstance(intensity, (int, float)) or intensity <= 0:
        raise LeakscanError(f"--country: no intensity is known for {code}; give --carbon-intensity G")
    year = row.get("year")
    version = importlib.metadata.version("codecarbon")
    return Carbon(
        float(intensity),
        f"{row.get('country_name', code)}, yearly mean, table of codecarbon {version}",
        year if isinstance(year, int) else None,
    )


def _read_table() -> dict[str, Any]:
    spec = importlib.util.find_spec("codecarbon")
    if spec is None or spec.origin is None:
        raise LeakscanError("--country needs codecarbon: pip install 'leakscan-keras[validate]'")
    path = os.path.join(os.path.dirname(spec.origin), _TABLE)
    try:
        with open(path, encoding="utf-8") as stream:
            table: dict[str, Any] = json.load(stream)
    except (OSError, ValueError) as error:
        raise LeakscanError(f"{path}: cannot be read ({error}); give --carbon-intensity G") from None
    return table
