"""The verdict on one endpoint and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iml_general.report.text import rounding
from iml_general.report.text.wording import SYMBOLS, plain


@dataclass(frozen=True)
class Endpoint:
    """The verdict on one endpoint of one line of the verdict table.

    Attributes:
        name: The endpoint's name in tables of data, such as ``"iml_gap"``.
        words: What people read, such as ``"IML gap"``.
        values: The verdict's row, by column; empty if the endpoint was not measured.
    """

    name: str
    words: str
    values: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The verdict's word."""
        return str(self.values.get("verdict") or rounding.MISSING)

    @property
    def symbol(self) -> str:
        """The symbol that stands beside the word."""
        return SYMBOLS.get(self.verdict, "")

    @property
    def mean(self) -> float | None:
        """Mean controlled effect; None if it was not measured."""
        return self.values.get("mean")

    @property
    def effect(self) -> str:
        """Mean controlled effect, rounded as its interval's width allows."""
        return rounding.signed(self.mean, self._digits)

    @property
    def interval(self) -> str:
        """The effect's 95% interval."""
        return rounding.interval(self.values.get("low"), self.values.get("high"), self._digits)

    @property
    def estimate(self) -> str:
        """Effect and interval; nothing if it was not measured."""
        return f"{self.effect} {self.interval}" if self.mean is not None else ""

    @property
    def in_short(self) -> str:
        """Symbol, verdict, effect and interval on one line."""
        return " ".join(part for part in (self.symbol, self.verdict, self.estimate) if part)

    @property
    def in_words(self) -> str:
        """The same, and what it would take to decide an open verdict."""
        return f"{self.in_short} ({self.remark})" if self.remark else self.in_short

    @property
    def remark(self) -> str:
        """What an inconclusive verdict would take to be decided; else nothing."""
        needed = self.values.get("seeds_needed")
        if self.verdict != "inconclusive" or needed is None:
            return ""
        return f"about {int(needed)} seeds needed"

    @property
    def disagreement(self) -> str:
        """What the robustness checks object to, with the endpoint's name; else nothing."""
        text = plain(self.values.get("disagreement") or "")
        return f"{self.words}: {text}" if text else ""

    def p(self, column: str) -> str:
        """A p value of the verdict's row, as text."""
        return rounding.p_value(self.values.get(column))

    @property
    def bca(self) -> str:
        """The bootstrap interval, rounded as the effect is."""
        return rounding.interval(self.values.get("bca_low"), self.values.get("bca_high"), self._digits)

    @property
    def _digits(self) -> int:
        return rounding.digits_of(self.values.get("low"), self.values.get("high"))
