"""The protocol: who says what, when, under which tag (METHOD sections 2 and 3)."""

from iml_general.protocol.condition import Condition
from iml_general.protocol.conditions import BUILT_IN, INFORMATIVE, NO_STAGE1, SHUFFLED, episodes_of
from iml_general.protocol.draw import Draw
from iml_general.protocol.episode import Episode, Stage
from iml_general.protocol.protocol import Protocol, configure_protocol, protocol_options
from iml_general.protocol.sources import Source

__all__ = [
    "BUILT_IN",
    "INFORMATIVE",
    "NO_STAGE1",
    "SHUFFLED",
    "Condition",
    "Draw",
    "Episode",
    "Protocol",
    "Source",
    "Stage",
    "configure_protocol",
    "episodes_of",
    "protocol_options",
]
