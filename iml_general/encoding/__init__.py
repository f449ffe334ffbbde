"""Rows as a learner sees them: vectors, token ids or plain codes, each with its schema."""

from iml_general.encoding.codes import Encoding
from iml_general.encoding.encoder import Encoder

__all__ = ["Encoder", "Encoding"]
