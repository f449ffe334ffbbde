"""The forms of input that there are."""

from __future__ import annotations

from iml_general.encoding.codes import Codes
from iml_general.encoding.form import Form
from iml_general.encoding.pictures import PictureForm
from iml_general.encoding.text import Text
from iml_general.encoding.tokens import Tokens
from iml_general.encoding.vectors import Vectors

FORMS: dict[str, Form] = {form.name: form for form in (Vectors(), Tokens(), Codes(), PictureForm(), Text())}
"""Every form by its name."""
