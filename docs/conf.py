"""How `make docs` builds these pages; they are also read as they are, where the repository is shown."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "iml_general"
author = "the authors of iml_general"
release = version = version_of("iml-general")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "claims", "gallery", "mathml", "prose"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "iml_general"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_copyright = False

myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebook holds what its cells show; a test executes it
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["math"]
html_math_renderer = "mathml"  # the extension of that name

# A word in single backticks is a link if it names something on these pages, and code if not.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [
    # Names of other projects, whose pages are not looked up: the build needs no network.
    (r"py:.*", r"(?!(iml_general|learners|studies)\.).*"),
    # Types in annotations, of which not every one has a place in the reference.
    (r"py:class", r".*"),
    (r"py:obj", r".*\.[ST]"),  # type variables
]

napoleon_numpy_docstring = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
autodoc_type_aliases = {
    "Inputs": "iml_general.learner.batch.Inputs",
    "Probabilities": "iml_general.learner.base.Probabilities",
}
python_maximum_signature_line_length = 88
# What the documented modules import but their docstrings do without: not installed beside Sphinx.
autodoc_mock_imports = [
    "psutil",
    "rich",
    "scipy",
    "sklearn",
    "statsmodels",
    "threadpoolctl",
    "tomli_w",
    "vl_convert",
]
