"""The recipes of CONTRIBUTING, each followed on a copy: few files by hand, and it works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
#: what a recipe may take, in files written or changed by hand
MOST = 7
#: what a copy needs of the project
PARTS = (
    "src",
    "data",
    "docs",
    "requirements",
    "notebooks",
    "tests",
    "tools",
    "examples",
    "benchmarks",
)
FILES = ("pyproject.toml", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")

CONVENTIONS = "tests/test_conventions.py"

pytestmark = pytest.mark.slow


class Copy:
    """A copy of the project, and which of its files were written by hand."""

    def __init__(self, root: Path):
        self.root, self.by_hand = root, set()
        skip = shutil.ignore_patterns("__pycache__", "imported", ".ipynb_checkpoints")
        for part in PARTS:
            shutil.copytree(ROOT / part, root / part, ignore=skip)
        for name in FILES:
            shutil.copy(ROOT / name, root / name)

    def write(self, path: str, text: str) -> None:
        """Write a file by hand."""
        self.by_hand.add(path)
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def insert(self, path: str, before: str, text: str) -> None:
        """Insert a text into a file, before what stands there once."""
        whole = (self.root / path).read_text("utf-8")
        assert whole.count(before) == 1, (path, before)
        self.write(path, whole.replace(before, text + before))

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.root / path).read_text("utf-8") + text)

    def run(self, *command: str) -> str:
        """Run a command of Python in the copy, with its own package, and give what it prints."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def test(self, *arguments: str) -> None:
        self.run("-m", "pytest", "-q", *arguments)


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "copy")


def places(recipe: str) -> list[re.Pattern]:
    """The files and folders that the steps of a recipe of CONTRIBUTING name."""
    steps = re.search(rf"^## How to add {recipe}\n(.*?)^## ", CONTRIBUTING, re.M | re.S)[1]
    named = [name for name in re.findall(r"`([^`]+)`", steps) if "/" in name or "." in name]
    return [re.compile(re.sub(r"<\w+>", "[^/]+", re.escape(name))) for name in named]


def check(copy: Copy, *recipes: str) -> None:
    """Few files were written by hand, and the recipes name the place of each."""
    assert 0 < len(copy.by_hand) <= MOST, sorted(copy.by_hand)
    named = [place for recipe in recipes for place in places(recipe)]
    assert [file for file in sorted(copy.by_hand) if not any(p.search(file) for p in named)] == []


def add_source(copy: Copy, *, instrument: str) -> None:
    copy.write(
        "src/analysis/loaders/drills.py",
        f'''"""Read a made-up list of drills: one row a drill of two states."""

from pathlib import Path

import pandas as pd

from ..files import tables
from ..sources import countries, ledger
from ..sources.audit import Audit

KEY = "drills"


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the list: Drill, Date, One, Other."""
    table = tables.read_table(Path(path), ["Drill", "Date", "One", "Other"])
    audit = Audit(KEY, Path(path).name, len(table))
    start = pd.to_datetime(table["Date"], format="%Y-%m-%d")
    codes = [
        countries.match(table[name], years=start.dt.year, where=audit.file)["iso3"]
        for name in ("One", "Other")
    ]
    events = pd.DataFrame(
        {{
            "event_id": table["Drill"], "start": start, "end": start, "date_precision": "day",
            "flags": "", "line": table["line"],
        }}
    )  # fmt: skip
    pairs = pd.Series([list(pair) for pair in zip(*codes, strict=True)])
    ties = ledger.both_ways(events, pairs).assign(
        source=KEY, instrument="{instrument}", value=1.0, unit="event", parties=2
    )
    return ledger.finish(ties, file=audit.file), audit
''',
    )
    copy.insert("src/analysis/loaders/__init__.py", '"fmtrpt", "geopko"', '"drills", ')
    copy.insert("src/analysis/loaders/__init__.py", "`capitals`   ", "`drills`        drills\n")
    copy.insert(
        "src/analysis/loaders/build.py",
        '    "fmtrpt": Recipe(',
        '    "drills": Recipe("drills.csv", _ledger_of("drills")),\n',
    )
    copy.write(
        "data/drills/source.yml",
        f"""title: A made-up list of drills
short: Drills
producer: Nobody
version: '1'
published: '2026'
accessed: '2026-01-01'
url: https://example.org/drills
licence:
  name: CC0
  url: https://creativecommons.org/publicdomain/zero/1.0/
  redistribute: true
  why: Made up.
citation: drills2026
unit: event
instrument: {instrument}
coverage:
  years: [2000, 2020]
  countries: all
  note: All states.
sampling:
  unit: drill
  systematic: true
  note: Made up.
caveats: [Made up.]
changes: [Names to ISO3.]
""",
    )
    copy.append(
        "data/sources.bib",
        "\n@misc{drills2026,\n  author = {Nobody},\n  title = {A made-up list of drills},\n"
        "  year = {2026},\n  url = {https://example.org/drills}\n}\n",
    )
    copy.write(
        "tests/loaders/test_drills.py",
        """from analysis.loaders import drills


def test_a_drill_is_a_tie_both_ways(tmp_path):
    file = tmp_path / "drills.csv"
    file.write_text("Drill,Date,One,Other\\nd1,2010-05-01,Pakistan,Turkey\\n", "utf-8")
    rows, audit = drills.read(file)
    assert set(zip(rows["country"], rows["partner"])) == {("PAK", "TUR"), ("TUR", "PAK")}
    assert audit.rows_read == 1
""",
    )
    others = ["China", "Turkey", "United States", "Saudi Arabia"]
    rows = [f"d{n},{2001 + n // 2}-03-01,Pakistan,{others[n % 3]}\n" for n in range(36)]
    folder = copy.root / "downloads"
    folder.mkdir()
    (folder / "drills.csv").write_text("Drill,Date,One,Other\n" + "".join(rows), "utf-8")
    copy.run("-m", "analysis.loaders.build", "downloads", "drills")


def test_a_source(copy):
    add_source(copy, instrument="exercise")
    told = copy.run(
        "-m", "analysis", "measure", "PAK", "--instrument", "exercise",
        "--from", "2006", "--to", "2010",
    )  # fmt: skip
    assert "A made-up list of drills" in told
    assert "drills2026" in copy.run("-m", "analysis", "cite", "PAK")
    copy.run("-m", "analysis", "check")
    copy.test(
        "tests/loaders/test_drills.py", CONVENTIONS, "-k", "drill or sidecar or cit or import"
    )
    check(copy, "a source")


def test_an_instrument(copy):
    copy.insert(
        "src/analysis/words.py",
        '        Instrument("visit", "visits"',
        '        Instrument("drill", "joint drills", "drill", is_measured=True),\n',
    )
    add_source(copy, instrument="drill")
    told = copy.run(
        "-m", "analysis", "measure", "PAK", "--instrument", "drill", "--from", "2006",
        "--to", "2010", "--json",
    )  # fmt: skip
    (found,) = json.loads(told)
    assert found["status"] == "measured"
    assert {row["partner"] for row in found["shares"]} == {"CHN", "TUR", "USA"}
    copy.test("tests/loaders/test_drills.py")
    check(copy, "an instrument", "a source")


def test_a_measure(copy):
    copy.append(
        "src/analysis/measures/inequality.py",
        '''

def second_share(weights: Any) -> np.ndarray:
    """Share of the second largest partner.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Weights of partners, not negative.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1/2; 0 for one partner, NaN for none.

    Raises
    ------
    ParameterError
        If a weight is negative, infinite, missing or no number.

    References
    ----------
    Hannah, L. & Kay, J. A. (1977). Concentration in Modern Industry. London: Macmillan.

    Examples
    --------
    >>> float(second_share([6, 3, 1]))
    0.3
    """
    p = np.sort(_shares(weights), axis=-1)
    second = p[..., -2] if p.shape[-1] > 1 else np.zeros(p.shape[:-1])
    return np.where(_empty(p), np.nan, second)[()]
''',
    )
    copy.insert(
        "src/analysis/measures/_specs.py",
        "    inequality.golosov:",
        "    inequality.second_share: Spec((0.0, 0.5)),\n",
    )
    copy.insert(
        "docs/methods.md",
        "### Event studies: ",
        "The share of the second partner is `an.inequality.second_share(weights)` (Hannah & Kay"
        " 1977).\n\n",
    )
    copy.write(
        "tests/measures/test_second_share.py",
        """import numpy as np
import pytest

from analysis.measures import inequality


def test_the_second_of_three():
    assert inequality.second_share([6, 3, 1]) == pytest.approx(0.3)
    assert inequality.second_share([[1.0, 1.0], [1.0, 0.0]]).tolist() == [0.5, 0.0]
    assert np.isnan(inequality.second_share([0.0, 0.0]))
""",
    )
    code = (
        "import analysis as an\\n"
        "made = an.portfolio(an.load('arms', country='PAK', sources=['sipri_tiv']),"
        " years=(2021, 2021))\\n"
        "row = an.measure(made, an.inequality.second_share).iloc[0]\\n"
        "assert row['measure_id'] == 'second_share', row\\n"
        "assert abs(row['estimate'] - an.shares(made)['share'].iloc[1]) < 1e-12\\n"
    )
    copy.run("-c", code.replace("\\n", "\n"))
    asked = "second or measure or public or user_meets"
    copy.test(
        "tests/measures/test_second_share.py", CONVENTIONS, "tests/test_methods.py", "-k", asked
    )
    check(copy, "a measure")


def test_a_figure(copy):
    copy.append(
        "src/analysis/plot/partners.py",
        '''

@style.styled
def ladder(shares: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Draw the shares of the first partners.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` gives it: one portfolio.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        A bar a partner, of the first five.
    """
    style.need(shares, [*words.PORTFOLIO, "partner", "share"], "ladder")
    ax = style.canvas(ax)
    known = shares[shares["share"].notna()]
    if known.empty:
        style.no_data(ax, style.reason(shares))
    else:
        first = known.head(5)
        ax.barh(range(len(first)), first["share"], color=colours.ACCENT)
        names = [words.clean(name, 22) for name in style.partner_names(first)]
        ax.set_yticks(range(len(first)), names, parse_math=False)
        ax.set_xlabel("Share of the portfolio")
    style.note(ax, source_note)
    return ax


def describe_ladder(shares: pd.DataFrame) -> str:
    """Alt text of `ladder`: the first share."""
    known = shares[shares["share"].notna()]
    parts = [f"the largest share is {numbers.percent(known['share'].max())}"] if len(known) else []
    return sentences("Shares of the first partners", parts, shares)
''',
    )
    copy.insert(
        "src/analysis/plot/parts/series.py",
        '    "lorenz": Draws(',
        '    "ladder": Draws(one=_PORTFOLIO, each=("partner",)),\n',
    )
    init = (copy.root / "src/analysis/plot/__init__.py").read_text("utf-8")
    init = init.replace(
        "from .partners import",
        "from .partners import describe_ladder, ladder\nfrom .partners import",
        1,
    )
    init = init.replace("__all__ = [", '__all__ = [\n    "describe_ladder",\n    "ladder",', 1)
    copy.write("src/analysis/plot/__init__.py", init)
    notebook = json.loads((copy.root / "notebooks/country_profile.ipynb").read_text("utf-8"))
    show = (
        "exercises = an.selections.for_instrument(portfolios, 'exercise')\n"
        "partners = an.shares(an.selections.latest(exercises))\n"
        'an.show(an.plot.ladder, partners, name="ladder", caption="Partners as steps.")'
    )
    cell = {
        "cell_type": "code", "execution_count": None, "id": "ladder", "metadata": {},
        "outputs": [], "source": show.splitlines(True),
    }  # fmt: skip
    replaced = next(
        n
        for n, one in enumerate(notebook["cells"])
        if one["cell_type"] == "code" and "an.plot.hill_profile" in "".join(one["source"])
    )
    notebook["cells"][replaced] = cell
    copy.write("notebooks/country_profile.ipynb", json.dumps(notebook, indent=1) + "\n")
    copy.insert(
        "tests/plot/test_plot.py",
        '    "removal": {\n        "usual"',
        '    "ladder": {\n        "usual": portfolio(geometric(9)),\n'
        '        "none": SILENT.head(1),\n'
        '        "hostile": portfolio(geometric(9)).assign(partner_name=HOSTILE)\n    },\n',
    )
    copy.run("-m", "analysis", "report", "PAK", "--out", "made", "-p", "draws=20")
    assert list((copy.root / "made/PAK/figures").glob("country_profile--draws-20-ladder.svg"))
    asked = "ladder or every_figure or public or user_meets or notebooks"
    copy.test("tests/plot/test_plot.py", CONVENTIONS, "-k", asked)
    check(copy, "a figure")


def test_a_notebook(copy):
    room = "src/analysis/studies/suppliers"
    copy.write(
        f"{room}/tables.py",
        '''"""The tables of a report on suppliers."""

import pandas as pd

from ...portfolios.shares import shares
from .. import selections


def partners(country: str, *, end: int, window: int) -> pd.DataFrame:
    """Shares of the suppliers in one window.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    end, window : int
        Last year and length of the window.
    """
    asked = {"start": end, "end": end, "window": window, "instruments": ("arms",)}
    return shares(selections.best_arms_source(selections.portfolios(country, **asked)))
''',
    )
    copy.write(
        f"{room}/text.py",
        '''"""Sentences of the report on suppliers."""

import pandas as pd

from .. import text


def opening(country: str, partners: pd.DataFrame) -> str:
    """Say how many suppliers a state has.

    Parameters
    ----------
    country : str
        ISO3 code.
    partners : DataFrame
        As `partners` gives them.
    """
    number = partners["partner"].nunique()
    return f"{text.state(country)} has {number} suppliers."
''',
    )
    copy.write(
        f"{room}/__init__.py",
        '"""Suppliers of arms."""\n\nfrom .tables import partners\nfrom .text import opening\n\n'
        '__all__ = ["opening", "partners"]\n',
    )
    package = (copy.root / "src/analysis/__init__.py").read_text("utf-8")
    package = package.replace(
        "        text,\n        ties,", "        suppliers,\n        text,\n        ties,", 1
    )
    package = package.replace(
        '    "text": "studies.text",',
        '    "suppliers": "studies.suppliers",\n    "text": "studies.text",',
        1,
    )
    package = package.replace(
        '    "store",\n    "text",', '    "store",\n    "suppliers",\n    "text",', 1
    )
    copy.write("src/analysis/__init__.py", package)
    page = (copy.root / "ARCHITECTURE.md").read_text("utf-8")
    line = next(one for one in page.splitlines() if one.startswith("  studies/peers/"))
    copy.write(
        "ARCHITECTURE.md", page.replace(line, f"  studies/suppliers/  who delivers arms\n{line}", 1)
    )
    notebook = json.loads((copy.root / "notebooks/change.ipynb").read_text("utf-8"))
    tagged = next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))

    def cell(kind: str, number: int, source: str, **more: object) -> dict:
        one = {"cell_type": kind, "id": f"s-{number}", "metadata": {}, **more}
        return {**one, "source": source.splitlines(True)}

    code = {"execution_count": None, "outputs": []}
    notebook["metadata"]["title"] = "Suppliers"
    notebook["cells"] = [
        cell("markdown", 0, "# Who delivers arms to this state?\n\nIn the last window."),
        {**tagged, "id": "s-1"},
        cell(
            "code", 2,
            "import analysis as an\n\ncode = an.countries.lookup(country)\n"
            "partners = an.suppliers.partners(code, end=end - 3, window=window)\n"
            "an.display.prose(an.suppliers.opening(code, partners))",
            **code,
        ),
        cell(
            "code", 3,
            'an.show(an.plot.partners, partners, name="partners", caption="Suppliers of arms.")',
            **code,
        ),
        cell("markdown", 4, "## Sources and citations"),
        cell("code", 5, 'an.display.sources([*partners["source"]])', **code),
    ]  # fmt: skip
    copy.write(
        "notebooks/suppliers.ipynb", json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    )
    copy.write(
        "tests/studies/test_suppliers.py",
        """import analysis as an


def test_pakistan_had_thirteen_suppliers():
    partners = an.suppliers.partners("PAK", end=2021, window=5)
    assert "has 13 suppliers" in an.suppliers.opening("PAK", partners)
""",
    )
    copy.run("-m", "analysis", "report", "PAK", "--notebook", "suppliers", "--out", "made")
    page = (copy.root / "made/PAK/suppliers.html").read_text("utf-8")
    assert "has 13 suppliers" in page
    assert (copy.root / "made/PAK/figures/suppliers-partners.svg").is_file()
    asked = "supplier or notebook or study or room or architecture or public or user_meets"
    copy.test("tests/studies/test_suppliers.py", CONVENTIONS, "-k", asked)
    # the tests of reports take it from its folder
    copy.test("tests/test_notebooks.py", "-k", "suppliers", "--collect-only")
    check(copy, "a notebook")
