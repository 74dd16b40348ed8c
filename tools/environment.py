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
#: what pip adds after conda: what conda-forge has not, and the package itself, in place
FOOT = """\
  - pip
  - pip:
{by_pip}      - -e .
"""
BY_PIP = ("playwright", "axe-playwright-python")


def requirements(project: dict) -> list[str]:
    """Everything the package can need, its own extras unfolded, in the order of pyproject.toml."""
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [line for line in wanted if not re.match(rf"{project['name']}\b", line)]


def environment(pyproject: str) -> str:
    """Text of environment.yml for the text of a pyproject.toml.

    The names are the same on conda-forge as in the Python package index, but for those `BY_PIP`.
    """
    project = tomllib.loads(pyproject)["project"]
    head = HEAD.format(name=project["name"], python=project["requires-python"])
    wanted = requirements(project)
    by_pip = [line for line in wanted if re.split(r"[<>=]", line)[0] in BY_PIP]
    packages = "".join(f"  - {line}\n" for line in wanted if line not in by_pip)
    return head + packages + FOOT.format(by_pip="".join(f"      - {line}\n" for line in by_pip))


if __name__ == "__main__":
    text = environment((ROOT / "pyproject.toml").read_text("utf-8"))
    (ROOT / "environment.yml").write_text(text, "utf-8")
