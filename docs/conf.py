"""How Sphinx builds the documentation: `make docs`. The pages are Markdown; nothing is loaded from the network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from realpolitik import __version__

project = "realpolitik"
author = "The realpolitik developers"
project_copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "generated",
    "sessions",
]
exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False  # quotes and dashes of commands stay as typed
# Types of other packages are not linked, because their pages are on the network; aliases of ours are spelt out.
nitpick_ignore_regex = [("py:.*", r"(?!realpolitik(_model|_viz)?\.[a-z_]+$).*")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 100
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"realpolitik {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it fetches the pages, which a browser refuses for files on disk
html_theme_options = {"navigation_with_keys": True}

# Only commands are copied, neither the prompt nor what is printed.
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"
