"""Write environment.yml, for conda and Binder, from pyproject.toml; `make lock` runs this."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

HEAD = """\
# Made from pyproject.toml by `make lock`. For conda:  conda env create && conda activate {name}
name: {name}
channels:
  - conda-forge
dependencies:
  - python{python}
"""
#: not on conda-forge: pip brings it together with the package itself
BY_PIP = ("mapcraft",)
#: what pip adds after conda: the package itself, in place
FOOT = """\
  - pip
  - pip:
      - -e .
"""


def requirements(project: dict) -> list[str]:
    """Everything the package can need, its own extras unfolded, in the order of pyproject.toml."""
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    left_out = "|".join((project["name"], *BY_PIP))
    return [line for line in wanted if not re.match(rf"({left_out})\b", line)]


def environment(pyproject: str) -> str:
    """Text of environment.yml for the text of a pyproject.toml.

    All names but those in `BY_PIP` are the same on conda-forge as in the Python package index.
    """
    project = tomllib.loads(pyproject)["project"]
    head = HEAD.format(name=project["name"], python=project["requires-python"])
    return head + "".join(f"  - {line}\n" for line in requirements(project)) + FOOT


if __name__ == "__main__":
    text = environment((ROOT / "pyproject.toml").read_text("utf-8"))
    (ROOT / "environment.yml").write_text(text, "utf-8")
