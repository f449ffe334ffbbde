"""The built-in presets: plan files, found by entry point like anyone's."""

from pathlib import Path

_PRESETS = Path(__file__).parent / "presets"

attack = _PRESETS / "attack.toml"
decoding = _PRESETS / "decoding.toml"
digits = _PRESETS / "digits.toml"
digits_fresh = _PRESETS / "digits-fresh.toml"
full = _PRESETS / "full.toml"
graded = _PRESETS / "graded.toml"
mechanism = _PRESETS / "mechanism.toml"
mechanism_full = _PRESETS / "mechanism-full.toml"
networks = _PRESETS / "networks.toml"
numbers = _PRESETS / "numbers.toml"
phase_disbelief = _PRESETS / "phase-disbelief.toml"
phase_disbelief_full = _PRESETS / "phase-disbelief-full.toml"
quick = _PRESETS / "quick.toml"
reference = _PRESETS / "reference.toml"
standard = _PRESETS / "standard.toml"
sweep_aliases = _PRESETS / "sweep-aliases.toml"
sweep_alpha = _PRESETS / "sweep-alpha.toml"
