"""Pictures: a row as one picture of its alias, question and tag, for learners that know what is where."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iml_general.encoding.form import Coder, Form, Things, zeroed
from iml_general.encoding.options import Encoding
from iml_general.encoding.pixels import pixel_coder
from iml_general.errors import UsageError
from iml_general.learner import Inputs, Schema

if TYPE_CHECKING:
    import optuna


class PictureForm(Form):
    """The pixels that the vector form has in the same world; the schema says how large a picture is."""

    name: ClassVar[str] = "pictures"

    def draw(
        self, encoding: Encoding, things: Things, generator: Callable[[str], np.random.Generator]
    ) -> Coder:
        """Draw how questions and tags look; see `Form.draw`."""
        del encoding
        if things.pictures is None:
            raise UsageError("form 'pictures': the world draws no pictures of aliases; choose another world")
        return pixel_coder(self.name, things, things.pictures, generator)

    def suggest(self, trial: optuna.Trial, base: Encoding, fixed: Container[str]) -> Encoding:
        """Draw nothing: there is one way of showing a picture; see `Form.suggest`."""
        del trial, fixed
        return base

    def untagged(self, inputs: Inputs, schema: Schema) -> Inputs:
        """Leave the tag's half of the band white; see `Form.untagged`."""
        return zeroed(inputs, schema.tag_columns)
