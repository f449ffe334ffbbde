"""The encoding: rows of an episode as a learner's inputs, one file per form."""

from iml_general.encoding.encoder import Encoder
from iml_general.encoding.forms import FORMS
from iml_general.encoding.options import Encoding

__all__ = ["FORMS", "Encoder", "Encoding"]
