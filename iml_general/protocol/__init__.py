"""The two-stage protocol: who says what, when, under which tag (METHOD sections 2 and 3)."""

from iml_general.protocol.conditions import draw_episodes
from iml_general.protocol.episode import CONDITIONS, GROUPS, SYMBOLS, Episode
from iml_general.protocol.groups import Protocol

__all__ = ["CONDITIONS", "GROUPS", "SYMBOLS", "Episode", "Protocol", "draw_episodes"]
