"""Figures: what their artists hold, that nothing collides, that gaps are gaps."""

import functools
import inspect
import io
import itertools
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex, to_rgb, to_rgba

import analysis as an
from analysis import numbers, plot, words
from analysis.errors import ParameterError
from analysis.plot import world
from analysis.plot.parts import colours as parts_colours
from analysis.plot.parts import interval_ends
from analysis.plot.parts.labels import end_labels, spread
from analysis.portfolios.battery import stacked

KEY = ["country", "source", "instrument", "start", "end"]
HOSTILE = "<script>$x^2$_"
LONG = "Federated Republic of the Very Long and Winding Name " + "and of Its Dependencies " * 8
NOTE = "Sources: a register of transfers (2024); a list of exercises (2021); a third one, long too."


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


# --- tables -------------------------------------------------------------------------------------


def portfolio(
    parts,
    *,
    end=2024,
    instrument="arms",
    source="sipri_tiv",
    window=5,
    weighting="value",
    basis="flow",
    status="measured",
    bounds=0.0,
    names=None,
):
    """Rows of one portfolio: `parts` maps partners to shares; none of them gives a silent row."""
    base = {
        "country": "PAK",
        "source": source,
        "instrument": instrument,
        "start": end - window + 1,
        "end": end,
        "weighting": weighting,
        "window": window,
        "basis": basis,
    }
    if not parts:
        none = {
            "partner": None,
            "partner_name": None,
            "share": np.nan,
            "share_low": np.nan,
            "share_high": np.nan,
            "n_events": 0,
            "n_partners": 0,
        }
        return pd.DataFrame([base | none | {"status": status}])
    names = names or {}
    rows = [
        base
        | {
            "partner": code,
            "partner_name": names.get(code, f"Partner {code}"),
            "share": share,
            "weight": share,
            "share_low": max(0, share - bounds),
            "n_events": 3,
            "share_high": min(1, share + bounds),
            "n_partners": len(parts),
            "status": status,
        }
        for code, share in parts.items()
    ]
    return pd.DataFrame(rows)


def codes(count):
    letters = itertools.product("ABCDEFGHIJ", repeat=2)
    return ["USA", "CHN", "FRA", *("X" + "".join(pair) for pair in letters)][:count]


def geometric(count, ratio=0.7):
    weights = ratio ** np.arange(count)
    return dict(zip(codes(count), weights / weights.sum(), strict=True))


def over_time(count=9, *, years=range(1995, 2025), silent=(), empty=(), **options):
    """Portfolios of one instrument with drifting shares; `silent` and `empty` years have none."""
    tables = []
    for year in years:
        if year in silent or year in empty:
            status = "not_covered" if year in silent else "empty"
            tables.append(portfolio({}, end=year, status=status, **options))
            continue
        weights = 1.5 + np.sin(np.arange(count) * 2 + (year - 1995) / 4)
        shares = dict(zip(codes(count), weights / weights.sum(), strict=True))
        tables.append(portfolio(shares, end=year, **options))
    return pd.concat(tables, ignore_index=True)


def five_portfolios(names=None):
    equal = dict.fromkeys(codes(38), 1 / 38)
    parts = [
        portfolio(geometric(12), names=names),
        portfolio(
            geometric(30, 0.9),
            end=2010,
            instrument="exercise",
            source="mme",
            weighting="fractional",
            names=names,
        ),
        portfolio(
            geometric(14),
            end=2010,
            instrument="agreement",
            source="dcad",
            weighting="count",
            names=names,
        ),
        portfolio(
            {"USA": 1.0},
            end=2018,
            instrument="alliance/defense",
            source="atop",
            window=1,
            weighting="count",
            basis="stock",
            names=names,
        ),
        portfolio(
            equal,
            end=2018,
            instrument="alliance/nonaggression",
            source="atop",
            window=1,
            weighting="count",
            basis="stock",
            names=names,
        ),
    ]
    return pd.concat(parts, ignore_index=True)


SERIES = [
    ("sipri_tiv", "arms", 2024, 6.0), ("mme", "exercise", 2010, 9.0),
    ("dcad", "agreement", 2010, 5.0), ("atop", "alliance/nonaggression", 2018, 37.0),
    ("atop", "alliance/defense", 2018, 1.0),
]  # fmt: skip


def measures(name="effective partners, q = 1", *, years=range(1995, 2025), series=SERIES, top=None):
    rows = [
        {
            "country": "PAK",
            "source": source,
            "instrument": instrument,
            "start": year - 4,
            "end": year,
            "measure": name,
            "estimate": level + np.sin(year / 3) if year <= last else np.nan,
            "low": level - 1.5 if year <= last and level < 30 else np.nan,
            "high": level + 2 if year <= last and level < 30 else np.nan,
            "interval": "95% bootstrap over events",
            "status": "measured" if year <= last else "not_covered",
            "n_partners": 5,
            "n_events": 9,
            "weighting": "count",
            "window": 5,
            "basis": "flow",
        }
        for source, instrument, last, level in series
        for year in years
    ]
    table = pd.DataFrame(rows)
    if top is not None:
        scale = top / table["estimate"].max()
        table[["estimate", "low", "high"]] *= scale
    return table


def silenced(table, *, status="not_covered"):
    """The same measures, none of them known."""
    return table.assign(estimate=np.nan, low=np.nan, high=np.nan, status=status)


def triple(**options):
    return {
        "variety": measures("number of partners", **options),
        "balance": measures("evenness", top=1.0, **options),
        "disparity": measures("Rao's quadratic entropy", top=0.4, **options),
    }


def profiles(shares=None):
    rows = []
    for key, part in (five_portfolios() if shares is None else shares).groupby(KEY, sort=False):
        p = part["share"].to_numpy()
        for order in (0, 0.5, 1, 1.5, 2, 3, np.inf):
            value = hill(p, order)
            rows.append(
                dict(zip(KEY, key, strict=True))
                | {"order": order, "estimate": value, "low": 0.9 * value, "high": 1.1 * value}
            )
    return pd.DataFrame(rows)


def hill(p, order):
    if order == 1:
        return float(np.exp(-(p * np.log(p)).sum()))
    return float(1 / p.max() if np.isinf(order) else (p**order).sum() ** (1 / (1 - order)))


THREE = {"number of partners": 0, "effective partners, q = 1": 1, "effective partners, q = 2": 2}


def losses(shares=None, *, measures=tuple(THREE)[:2]):
    rows = []
    for key, part in (five_portfolios() if shares is None else shares).groupby(KEY, sort=False):
        p = part["share"].to_numpy()
        left = p[1:] / p[1:].sum() if len(p) > 1 else None
        first = part.iloc[0]
        for name in measures:
            order = THREE[name]
            rows.append(
                dict(zip(KEY, key, strict=True))
                | {
                    "partner": first["partner"],
                    "partner_name": first["partner_name"],
                    "share_lost": first["share"],
                    "measure": name,
                    "before": hill(p, order),
                    "after": np.nan if left is None else hill(left, order),
                    "status": "measured",
                }
            )
    return pd.DataFrame(rows)


def removals(shares=None):
    rows = []
    for key, part in (five_portfolios() if shares is None else shares).groupby(KEY, sort=False):
        base = dict(zip(KEY, key, strict=True))
        rows.append(base | {"removed": 0, "partner": None, "partner_name": None, "share_left": 1.0})
        left = 1 - part["share"].cumsum()
        for at, row in enumerate(part.itertuples(), start=1):
            rows.append(
                base
                | {
                    "removed": at,
                    "partner": row.partner,
                    "partner_name": row.partner_name,
                    "share_left": max(0.0, left.iloc[at - 1]),
                }
            )
    return pd.DataFrame(rows)


def sources(title="A catalogue of treaties, with a long title, as they have"):
    rows = [
        ("atop", title, 1815, 2018, True, 1954, 2018, 61),
        ("mme", title, 1980, 2010, True, np.nan, np.nan, 0),
        ("sipri_tiv", title, 1950, 2024, False, np.nan, np.nan, 0),
        ("old", title, 1950, 1985, True, 1960, 1984, 5),
        ("dcad", title, 1980, 2024, True, 2010, 2011, 1),
    ]
    columns = [
        "source",
        "title",
        "first_year",
        "last_year",
        "observed",
        "first_tie_year",
        "last_tie_year",
        "n_ties",
    ]
    return pd.DataFrame(rows, columns=columns).assign(start=1990, end=2024)


def events(count=60, name="Event"):
    kinds = ["exercise", "agreement", "arms", "visit"]
    return pd.DataFrame(
        {
            "date": [f"{1990 + 7 * i % 33}-{1 + 5 * i % 12:02d}-15" for i in range(count)],
            "instrument": [kinds[i % 4] for i in range(count)],
            "name": [f"{name} {i}" for i in range(count)],
            "partner_names": "Somebody",
            "confidence": ["confirmed" if i % 5 else "general-knowledge" for i in range(count)],
        }
    )


def standing(names=None, missing=(3,)):
    names = names or [f"State {letter}" for letter in "ABCDEFGHIJKL"]
    estimate = np.array([np.nan if i in missing else 1 + (5 * i) % 11 for i in range(len(names))])
    return pd.DataFrame(
        {
            "country": codes(len(names)),
            "name": names,
            "estimate": estimate,
            "low": estimate * 0.8,
            "high": estimate * 1.3,
            "highlighted": [i == 1 for i in range(len(names))],
            "measure": "effective partners, q = 1",
            "interval": "95% bootstrap over deals",
        }
    )


def places(names=("effective partners, q = 1", "evenness"), silent=()):
    """Places of three states by two measures and two instruments; B is the one in question."""
    rows = [
        {
            "country": "XAB"[at],
            "source": source,
            "instrument": kind,
            "start": 2006,
            "end": 2010,
            "name": f"State {'XAB'[at]}",
            "measure": name,
            "place": np.nan if at in silent else at + 1.0,
            "low": 1.0 if kind == "arms" else np.nan,
            "high": 3.0 if kind == "arms" else np.nan,
            "interval": "bounds",
            "n_placed": 3 - len(silent),
            "n_tied": 0,
            "highlighted": at == 2,
        }
        for name in names
        for source, kind in (("sipri_tiv", "arms"), ("mme", "exercise"))
        for at in range(3)
    ]
    return pd.DataFrame(rows)


def specifications(name="measure"):
    grid = itertools.product(("q = 1", "q = 2", "HHI"), (1, 3, 5, 10), ("value", "count"))
    rows = [
        {
            name: m,
            "window": w,
            "weighting": g,
            "estimate": np.cos(i),
            "low": np.cos(i) - 0.3,
            "high": np.cos(i) + 0.3,
            "agrees": bool(np.cos(i) > 0.3),
        }
        for i, (m, w, g) in enumerate(grid)
    ]
    return pd.DataFrame(rows)


def named(name):
    return dict.fromkeys(codes(60), name)


SILENT = portfolio({}, status="not_covered")


#: figure -> variant -> table: every figure with what is usual and what is not
def by_year(kinds=("alone", "several"), *, silent=range(2011, 2021), scale=1.0):
    """Counts by year and kind; of the silent years nothing is known."""
    rows = [
        {
            "panel": "Events on record",
            "year": year,
            "kind": kind,
            "unit": "events",
            "covered": year not in silent,
            "source": "mme",
            "value": np.nan if year in silent else scale * ((year + at) % 4),
        }
        for year in range(1990, 2021)
        for at, kind in enumerate(kinds)
    ]
    return pd.DataFrame(rows)


def two_ways(parts=None, **options):
    """The same partners with other shares by a second way of counting."""
    first = portfolio(parts or geometric(30, 0.85), bounds=0.02, **options)
    second = first.assign(share=np.sqrt(first["share"]) / np.sqrt(first["share"]).sum())
    second = second.assign(share_low=second["share"], share_high=second["share"])
    return pd.concat([first.assign(way="by value"), second.assign(way="by number")])


CASES = {
    "yearly": {
        "usual": by_year(),
        "one": by_year(["alone"]),
        "large": by_year(["dollars"], scale=1e5),
        "two panels": pd.concat([by_year(), by_year(["x"]).assign(panel="Amounts", unit="US$")]),
        "none": by_year(scale=0.0),
        "long": by_year([LONG]).assign(panel=LONG, unit=LONG),
        "hostile": by_year([HOSTILE]).assign(panel=HOSTILE, unit=HOSTILE),
    },
    "two_weightings": {
        "usual": two_ways(),
        "one": two_ways({"CHN": 1.0}),
        "none": two_ways().assign(share=np.nan, status="empty"),
        "long": two_ways(names=named(LONG)),
        "hostile": two_ways(names=named(HOSTILE)),
    },
    "partners": {
        "usual": five_portfolios(),
        "one": portfolio({"CHN": 1.0}),
        "forty": portfolio(geometric(40, 0.95), bounds=0.02),
        "none": SILENT,
        "some silent": pd.concat([five_portfolios(), SILENT.assign(source="sipri_register")]),
        "long": five_portfolios(named(LONG)),
        "hostile": five_portfolios(named(HOSTILE)),
    },
    "composition": {
        "usual": over_time(),
        "one": over_time(1),
        "forty": over_time(40),
        "none": over_time(silent=range(1995, 2025)),
        "gaps": over_time(silent=[1995, 1996, 2005, 2022, 2023, 2024], empty=[2010, 2011, 2012]),
        "one year": over_time(years=[2020], bounds=0.03),
        "long": over_time(names=named(LONG)),
        "hostile": over_time(names=named(HOSTILE), bounds=0.05),
    },
    "compositions": {
        "usual": pd.concat([over_time(), over_time(source="sipri_register", bounds=0.05)]),
        "one": over_time(),
        "none": over_time(silent=range(1995, 2025)),
        "no row": over_time().iloc[:0],
        "hostile": over_time(names=named(HOSTILE), bounds=0.05),
    },
    "heatmap": {
        "usual": over_time(years=range(1999, 2025, 5)),
        "one": over_time(1, years=[2020]),
        "forty": over_time(40, silent=[1995, 1996], empty=[2010, 2011]),
        "none": over_time(silent=range(1995, 2025)),
        "hostile": over_time(years=range(1999, 2025, 5), names=named(HOSTILE)),
        "long": over_time(years=range(1999, 2025, 5), names=named(LONG)),
    },
    "lorenz": {
        "usual": five_portfolios(),
        "one": portfolio({"CHN": 1.0}),
        "none": SILENT,
    },
    "trend": {
        "usual": measures(),
        "one year": measures(years=[2008]),
        "none": silenced(measures()),
        "two sources": measures(
            series=[("sipri_tiv", "arms", 2021, 3.0), ("sipri_register", "arms", 2024, 3.4)]
        ),
        "hostile": measures(HOSTILE),
    },
    "triptych": {
        "usual": stacked(triple()),
        "one year": stacked(triple(years=[2008])),
        "one silent": stacked(triple() | {"disparity": silenced(measures("Rao"))}),
        "none": silenced(stacked(triple())),
    },
    "hill_profile": {
        "usual": profiles(),
        "one": profiles(portfolio(geometric(9))),
        "none": profiles().assign(estimate=np.nan, status="empty"),
        "hostile": profiles(portfolio(geometric(9))).assign(name=HOSTILE),
    },
    "loss": {
        "usual": losses(),
        "one": losses(portfolio({"CHN": 1.0})),
        "none": losses().assign(before=np.nan, after=np.nan, partner=None, status="not_covered"),
        "long": losses(five_portfolios(named(LONG)), measures=THREE),
        "hostile": losses(five_portfolios(named(HOSTILE))),
    },
    "removal": {
        "usual": removals(),
        "one": removals(portfolio({"CHN": 1.0})),
        "one portfolio": removals(portfolio(geometric(9))),
        "none": removals().assign(share_left=np.nan, status="not_in_system"),
        "hostile": removals(five_portfolios(named(HOSTILE))),
    },
    "coverage": {
        "usual": sources(),
        "none": sources().iloc[:0],
        "long": sources(LONG),
        "hostile": sources(HOSTILE),
    },
    "timeline": {
        "usual": events(),
        "many": events(300, "An event with a name that is rather long"),
        "one": events(1),
        "none": events(0),
        "hostile": events(12, HOSTILE),
    },
    "peers": {
        "usual": standing(),
        "one": standing([HOSTILE, LONG], missing=()),
        "none": standing(missing=range(12)),
    },
    "peer_ranks": {
        "usual": places(),
        "one": places(["evenness"]),
        "none": places(silent=(0, 1)),
        "hostile": places([HOSTILE]),
    },
    "specification": {
        "usual": specifications(),
        "one": specifications().head(1),
        "none": specifications().assign(estimate=np.nan),
        "hostile": specifications(HOSTILE),
    },
}


def pakistan(instrument):
    """Portfolios of Pakistan by one instrument, in windows of five years."""
    made = an.selections.portfolios("PAK", start=1990, end=2024)
    if instrument == "arms":
        return an.selections.best_arms_source(made)
    return made[made["instrument"] == instrument]


@functools.cache
def latest():
    """The last window of each instrument of Pakistan."""
    made = an.selections.portfolios("PAK", start=1990, end=2024)
    return an.selections.latest(
        an.selections.drop_silent_instruments(an.selections.one_arms_source(made))
    )


@functools.cache
def studied():
    """What two of the shocks have done to Pakistan's exercises and arms imports."""
    shocks = an.events.read()
    return an.events.study(shocks[shocks["year"].isin([1998, 2001])], "PAK", draws=20, seed=1)


def beside_peers():
    chosen = an.choose_peers("PAK", rule="region", year=2024)
    made = an.peers.portfolios("PAK", chosen, start=2000, end=2024, window=5, weighting=None)
    return an.peers.over_time(made, "exercise", order=1.0, draws=0, seed=1), chosen


#: figures of tables that only the data make
SHIPPED = {
    "bump": lambda: an.ties.partner_ranks(an.shares(pakistan("arms"))),
    "network": lambda: an.ties.positions(an.shares(an.selections.latest(pakistan("exercise")))),
    "world_map": lambda: an.ties.locations(an.shares(an.selections.latest(pakistan("exercise")))),
    "blocs": lambda: an.isolation.blocs_lost(latest(), order=1.0),
    "joint_default": lambda: an.isolation.risks(latest()),
    "shock_effects": lambda: studied().headline,
    "synthetic_paths": lambda: studied().paths,
    "verdicts": lambda: an.claims.assess(
        an.claims.table().query("test != 'more_diverse_after'"), "PAK", draws=20, seed=1
    ),
    "against_peers": beside_peers,
}
#: figure -> columns of names and texts in its table
NAMED = {
    "bump": ["partner_name"], "network": ["partner_name"], "world_map": ["partner_name"],
    "blocs": ["bloc"], "shock_effects": ["text"], "verdicts": ["part_text"],
    "against_peers": ["name"],
}  # fmt: skip
EVERY = {
    **{name: list(variants) for name, variants in CASES.items()},
    **{name: ["usual", "none", *["long", "hostile"] * (name in NAMED)] for name in SHIPPED},
}
ALL = [(name, variant) for name, variants in EVERY.items() for variant in variants]


@functools.cache
def shipped(name):
    made = SHIPPED[name]()
    return made if isinstance(made, tuple) else (made,)


def tables_of(name, variant):
    """What a figure is drawn from."""
    if name in CASES:
        return (CASES[name][variant],)
    *first, last = made = shipped(name)
    if variant == "none":
        return tuple(table.iloc[:0] for table in made)
    if variant == "usual":
        return made
    text = {"long": LONG, "hostile": HOSTILE}[variant]
    named = last.assign(**dict.fromkeys(NAMED[name], text))
    if name == "blocs":  # of which none has a name twice
        named["bloc"] += last["bloc"].factorize()[0].astype(str)
    return *first, named


def draw(name, variant, **options):
    return getattr(plot, name)(*tables_of(name, variant), **options)


def test_every_figure_is_tested():
    assert {name for name in plot.__all__ if f"describe_{name}" in plot.__all__} == {*EVERY}


def figure_of(drawn):
    found = drawn.figure if hasattr(drawn, "transAxes") else drawn
    return found.get_figure(root=True)


def texts_of(figure):
    """Texts that are really drawn: Matplotlib keeps others, such as ticks beyond the limits."""
    drawn = []
    draw_text = mpl.text.Text.draw

    def record(text, renderer):
        drawn.append(text)
        draw_text(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mpl.text.Text, "draw", record)
        figure.draw_without_rendering()
    return [text for text in drawn if text.get_visible() and text.get_text().strip()]


@functools.cache
def printed(name, variant):
    """Text, box and whether it may be a formula, of all that a figure says; and its own box."""
    return said_in(figure_of(draw(name, variant, source_note=NOTE)))


def said_in(figure):
    shown = texts_of(figure)
    renderer = figure.canvas.get_renderer()
    boxes = [mpl.text.Text.get_window_extent(text, renderer) for text in shown]
    said = [(t.get_text(), box, t.get_parse_math()) for t, box in zip(shown, boxes, strict=True)]
    return said, figure.bbox.frozen()


# --- for all figures ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "variant"), ALL)
def test_no_text_meets_another_or_leaves_the_figure(name, variant):
    assert_apart(*printed(name, variant))


def assert_apart(said, whole):
    met = [
        (one, other)
        for (one, a, _), (other, b, _) in itertools.combinations(said, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]
    assert met == []
    x0, y0, x1, y1 = whole.padded(2).extents
    off = [t for t, b, _ in said if b.x0 < x0 or b.x1 > x1 or b.y0 < y0 or b.y1 > y1]
    assert off == []


@pytest.mark.parametrize(("name", "variant"), ALL)
def test_all_texts_are_literal(name, variant):
    said, _ = printed(name, variant)
    assert said
    assert [text for text, _, formula in said if "$" in text and formula] == []
    if variant == "hostile":
        assert any(HOSTILE in text for text, _, _ in said)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_to_draw_is_said(name):
    said = [text for text, _, _ in printed(name, "none")[0] if text.startswith("no data")]
    assert said
    assert all(":" in text for text in said)


def test_a_kind_that_never_occurs_is_not_in_the_key_and_the_only_one_is_named():
    table = by_year()
    table.loc[table["kind"] == "alone", "value"] = 0.0
    ax = plot.yearly(table).axes[0]
    assert ax.get_legend() is None
    assert any(t.get_text().endswith(", all several") for t in ax.texts)
    both = plot.yearly(by_year()).axes[0].get_legend().get_texts()
    assert [text.get_text() for text in both] == ["alone", "several"]


def test_years_that_are_not_covered_have_a_gap_and_no_bar():
    ax = plot.yearly(by_year(silent=[1990, *range(2011, 2021)])).axes[0]
    gaps = [patch.get_bbox().intervalx for patch in ax.patches if patch.get_gid() == "gap"]
    assert [tuple(ends) for ends in gaps] == [(1989.5, 1990.5), (2010.5, 2020.5)]
    bars = {round(bar.get_x() + bar.get_width() / 2): 0.0 for box in ax.containers for bar in box}
    for box in ax.containers:
        for bar in box:
            bars[round(bar.get_x() + bar.get_width() / 2)] += bar.get_height()
    assert bars[2000] == 0 + 1  # 2000 % 4 and 2001 % 4
    assert bars[2010] == 2 + 3
    assert bars.get(2015, 0.0) == 0


def test_both_ways_of_a_partner_stand_in_its_row():
    table = two_ways({"CHN": 0.8, "USA": 0.2})
    ax = plot.two_weightings(table)
    first, second = (line for line in ax.lines if line.get_marker() == "o")
    assert first.get_xdata().tolist() == [0.8, 0.2]
    assert second.get_xdata().tolist() == pytest.approx([2 / 3, 1 / 3])
    assert first.get_ydata().tolist() == second.get_ydata().tolist() == [0, 1]


@pytest.mark.parametrize("name", EVERY)
def test_the_source_note_stands_below_everything(name):
    said, _ = printed(name, "usual")
    notes = [box for text, box, _ in said if NOTE in text.replace("\n", " ")]
    assert len(notes) == 1
    assert all(box.y0 > notes[0].y1 - 1 for _, box, _ in said if box is not notes[0])


@pytest.mark.parametrize("name", EVERY)
def test_the_same_table_gives_the_same_bytes(name):
    def svg():
        stream = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "x"}):
            figure = figure_of(draw(name, "usual"))
            figure.savefig(stream, format="svg", metadata={"Date": None})
        return stream.getvalue()

    assert svg() == svg()


@pytest.mark.parametrize("name", EVERY)
def test_tables_are_left_as_they_are(name):
    made = tables_of(name, "usual")
    tables = [*made[0].values()] if isinstance(made[0], dict) else [*made]
    before = [table.copy(deep=True) for table in tables]
    draw(name, "usual")
    getattr(plot, f"describe_{name}")(*made)
    for old, new in zip(before, tables, strict=True):
        pd.testing.assert_frame_equal(old, new)


@pytest.mark.parametrize("name", EVERY)
def test_figures_neither_show_nor_change_settings(name, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("showed a figure"))
    before = dict(mpl.rcParams)
    draw(name, "usual")
    assert dict(mpl.rcParams) == before


ONE_PANEL = [n for n in EVERY if "ax" in inspect.signature(getattr(plot, n)).parameters]


@pytest.mark.parametrize("name", ONE_PANEL)
@pytest.mark.parametrize("variant", ["usual", "none"])
def test_a_figure_draws_on_the_axes_given(name, variant):
    figure, (ax, other) = plt.subplots(1, 2, figsize=(14, 5), layout="constrained")
    assert draw(name, variant, ax=ax, source_note=NOTE) is ax
    assert figure.axes[:2] == [ax, other]
    assert not other.texts
    figure.draw_without_rendering()


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ONE_PANEL])
def test_a_figure_of_panels_fills_the_figure_given(name):
    figure = plt.figure(figsize=(8, 9), layout="constrained")
    assert draw(name, "usual", fig=figure) is figure
    assert figure.axes
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", EVERY)
def test_signatures_are_plain_and_every_figure_has_its_alt_text(name):
    parameters = inspect.signature(getattr(plot, name)).parameters.values()
    kinds = [p.kind for p in parameters]
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    tables = tables_of(name, "usual")
    assert kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) == len(tables)
    assert {"source_note"} < {p.name for p in parameters}
    assert f"describe_{name}" in plot.__all__


@pytest.mark.parametrize(("name", "variant"), ALL)
def test_alt_text_is_plain_sentences_with_numbers(name, variant):
    text = getattr(plot, f"describe_{name}")(*tables_of(name, variant))
    assert text.endswith(".")
    assert text.isprintable()
    assert "nan" not in text.lower()
    empty = any(said in text for said in ("no data", "without content"))
    assert empty if variant == "none" else (empty or any(c.isdigit() for c in text))


@pytest.mark.parametrize("name", EVERY)
def test_missing_columns_are_all_named(name):
    tables = [pd.DataFrame({"colour": ["red"]}) for _ in tables_of(name, "usual")]
    with pytest.raises(ParameterError) as caught:
        getattr(plot, name)(*tables)
    assert "colour" in str(caught.value)
    assert str(caught.value).count(",") >= 2


def test_a_dollar_in_a_name_survives_into_the_file():
    stream = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure_of(draw("partners", "hostile")).savefig(stream, format="svg")
    tree = ET.fromstring(stream.getvalue())
    found = ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert HOSTILE in found


# --- partners -----------------------------------------------------------------------------------


def test_bars_are_as_long_as_the_shares_and_print_them():
    shares = {"CHN": 0.72, "TUR": 0.2, "ITA": 0.08}
    ax = plot.partners(portfolio(shares)).axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(list(shares.values()))
    assert [t.get_text() for t in ax.texts if t.get_gid() == "value"] == ["72.0%", "20.0%", "8.0%"]
    assert [t.get_text() for t in ax.get_yticklabels()] == [f"Partner {c}" for c in shares]
    assert ax.get_title(loc="left") == "Arms imports, 2020–2024"
    terms = next(t.get_text() for t in ax.texts if t.get_gid() == "terms")
    assert {"5-year window", "by value", "SIPRI"} <= set(" ".join(terms.split()).split(" · "))


def test_the_rest_makes_one_bar_and_nothing_is_lost():
    shares = geometric(40, 0.95)
    ax = plot.partners(portfolio(shares), top=10).axes[0]
    widths = [bar.get_width() for bar in ax.patches]
    assert len(widths) == 11
    assert sum(widths) == pytest.approx(1)
    assert ax.get_yticklabels()[-1].get_text() == "30 others"


def test_the_row_numbers_of_a_table_mean_nothing():
    """A table cut from a longer one once lost the partner whose row had the number 40."""
    table = portfolio(geometric(40, 0.95)).set_index(pd.RangeIndex(35, 75))
    ax = plot.partners(table).axes[0]
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(1)
    assert ax.get_yticklabels()[-1].get_text() == "30 others"


def test_equal_shares_stand_in_the_order_of_their_names():
    names = {"XAA": "Zeta", "XAB": "Alpha", "USA": "Mu"}
    ax = plot.partners(portfolio(dict.fromkeys(names, 1 / 3), names=names)).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Alpha", "Mu", "Zeta"]


@pytest.mark.parametrize(
    ("shares", "labels"),
    [
        (dict.fromkeys(codes(38), 1 / 38), ["38 with 2.6% each"]),
        ({"USA": 0.5} | dict.fromkeys(codes(21)[1:], 0.025), ["Partner USA", "20 with 2.5% each"]),
        (
            {"USA": 0.5}
            | dict.fromkeys(codes(19)[1:17], 0.03)
            | dict.fromkeys(codes(19)[17:], 0.01),
            ["Partner USA", "16 with 3.0% each", "2 others"],
        ),
    ],
)
def test_equal_shares_across_the_cut_make_one_bar_and_nobody_is_named_by_alphabet(shares, labels):
    ax = plot.partners(portfolio(shares), top=10).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == labels
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(sum(shares.values()))


def test_a_few_equal_shares_more_have_bars_of_their_own():
    shares = (
        {"USA": 0.4} | dict.fromkeys(codes(16)[1:13], 0.045) | dict.fromkeys(codes(16)[13:], 0.02)
    )
    labels = plot.partners(portfolio(shares), top=10).axes[0].get_yticklabels()
    assert [label.get_text() for label in labels][12:] == ["Partner XAJ", "3 others"]


def test_eleven_partners_have_eleven_bars():
    """`1 others` would take the place of a name."""
    ax = plot.partners(portfolio(geometric(11)), top=10).axes[0]
    assert not any("other" in label.get_text() for label in ax.get_yticklabels())


def test_bounds_are_drawn_where_there_are_any():
    exact = plot.partners(portfolio({"CHN": 0.7, "USA": 0.3})).axes[0]
    within = plot.partners(portfolio({"CHN": 0.7, "USA": 0.3}, bounds=0.1)).axes[0]
    assert sum(len(c.get_segments()) for c in exact.collections) == 0
    segments = [s for c in within.collections for s in c.get_segments()]
    assert sorted(s[:, 0].tolist() for s in segments) == [
        pytest.approx([0.2, 0.4]),
        pytest.approx([0.6, 0.8]),
    ]
    assert "70% (60% to 80%)" in [t.get_text() for t in within.texts]


def test_all_panels_have_one_scale():
    open_ = portfolio(geometric(5), source="sipri_register", bounds=0.1)
    figure = plot.partners(pd.concat([five_portfolios(), open_]))
    limits = {ax.get_xlim() for ax in figure.axes if ax.axison}
    assert len(limits) == 1


def test_a_partner_keeps_its_colour():
    """The large ones everywhere; in one figure no two partners share a colour while they last."""
    some = parts_colours.partner_colours(["CHN", "USA", "XAA", "XBB", "NLD"])
    assert some["CHN"] == parts_colours.partner_colours(["CHN"])["CHN"]
    assert some["XAA"] == parts_colours.partner_colours(["XAA", "KOR"])["XAA"]
    many = parts_colours.partner_colours([*parts_colours.PARTNERS, *codes(13)[3:]])
    assert len(set(many.values())) == len(many)


# --- composition --------------------------------------------------------------------------------


def spans(ax, kind):
    """Stretches of the x axis that patches of one kind fill."""
    patches = [patch for patch in ax.patches if patch.get_gid() == kind]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in patches]


def test_a_silent_year_is_a_gap_and_not_a_zero():
    table = over_time(4, silent=[2003, 2004], empty=[2010])
    ax = plot.composition(table)
    bands = [c for c in ax.collections if c.get_label().startswith("Partner")]
    assert len(bands) == 4
    for band in bands:
        drawn = [(p.vertices[:, 0].min(), p.vertices[:, 0].max()) for p in band.get_paths()]
        assert sorted(drawn) == [(1994.5, 2002.5), (2004.5, 2009.5), (2010.5, 2024.5)]
    assert spans(ax, "gap") == [(2009.5, 2010.5), (2002.5, 2004.5)]
    assert [bool(p.get_hatch()) for p in ax.patches if p.get_gid() == "gap"] == [False, True]


def test_bands_fill_every_measured_year():
    table = over_time(12)
    ax = plot.composition(table, top=5)
    area = sum(abs(polygon_area(p.vertices)) for c in bands_of(ax) for p in c.get_paths())
    assert area == pytest.approx(30)  # thirty years, all of height one
    names = {c.get_label() for c in bands_of(ax)}
    assert "7 others" in names
    assert len(names) == 6


def bands_of(ax):
    return [c for c in ax.collections if c.get_gid() != "leader"]


def polygon_area(points):
    """Shoelace formula."""
    x, y = points.T
    return 0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1))


def test_a_leader_joins_a_label_to_its_point_where_it_had_to_move():
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    points = [(10, 5, "level", "red"), (4, 8, "far", "green"), (np.nan, 2, "none", "blue")]
    labels = end_labels(ax, points)
    figure.draw_without_rendering()
    (leaders,) = [c for c in ax.collections if c.get_gid() == "leader"]
    (line,) = map(ax.transAxes.transform, leaders.get_segments())
    start, end = ax.transData.transform((4, 8)), labels[1].get_window_extent().p0
    dots = figure.dpi / 72
    assert np.hypot(*(line[0] - start)) == pytest.approx(3 * dots)
    assert line[1][0] == pytest.approx(end[0] - 2 * dots, abs=1)
    assert line[1][1] == pytest.approx(start[1])
    np.testing.assert_allclose(leaders.get_colors(), [to_rgba("green")])
    plt.close(figure)


def test_a_band_has_the_area_of_its_shares():
    table = over_time(3)
    ax = plot.composition(table)
    totals = table.groupby("partner_name")["share"].sum()
    for band in bands_of(ax):
        area = sum(abs(polygon_area(path.vertices)) for path in band.get_paths())
        assert area == pytest.approx(totals[band.get_label()])


def test_windows_known_within_bounds_only_are_marked():
    exact = over_time(3, years=range(2000, 2010))
    open_ = over_time(3, years=range(2010, 2020), bounds=0.1)
    ax = plot.composition(pd.concat([exact, open_], ignore_index=True))
    assert spans(ax, "open") == [(2009.5, 2019.5)]
    assert any("within bounds" in text.get_text() for text in ax.texts)
    assert not any("within bounds" in text.get_text() for text in plot.composition(exact).texts)


@pytest.mark.parametrize("name", ["composition", "heatmap"])
def test_two_portfolios_in_one_figure_are_refused(name):
    both = pd.concat([over_time(), over_time(instrument="exercise", source="mme")])
    with pytest.raises(ParameterError, match="exercise"):
        getattr(plot, name)(both)


def test_a_band_that_has_ended_says_when():
    old = over_time(3, years=range(1995, 2010))
    new = pd.concat([portfolio({"USA": 1.0}, end=y) for y in range(2010, 2025)])
    ax = plot.composition(pd.concat([old, new], ignore_index=True))
    labels = [t.get_text() for t in ax.texts if t.get_gid() == "label"]
    assert {"Partner USA", "Partner CHN (to 2009)", "Partner FRA (to 2009)"} <= set(labels)


# --- heat map, Lorenz curve ---------------------------------------------------------------------


def test_heat_map_cells_hold_the_shares():
    table = over_time(3, years=range(2004, 2025, 5), silent=[2014])
    ax = plot.heatmap(table)
    cells = ax.collections[0].get_array()
    known = table.dropna(subset=["share"])
    wide = known.pivot_table(index="partner_name", columns="end", values="share")
    assert cells.mask[:, 2].all()
    order = [label.get_text() for label in ax.get_yticklabels()]
    np.testing.assert_allclose(np.asarray(cells)[:, [0, 1, 3, 4]], wide.loc[order].to_numpy())
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["2000–04", "2005–09"]
    assert ax.get_ylabel() == ""


def test_lorenz_curve_of_the_textbook():
    """Shares 1, 2, 3, 4 tenths: heights 0.1, 0.3, 0.6, 1 at quarters."""
    ax = plot.lorenz(portfolio({"USA": 0.4, "CHN": 0.3, "FRA": 0.2, "XAA": 0.1}))
    curve = next(line for line in ax.lines if line.get_gid() != "equal")
    np.testing.assert_allclose(curve.get_xdata(), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.get_ydata(), [0, 0.1, 0.3, 0.6, 1])
    text = plot.describe_lorenz(portfolio({"USA": 0.4, "CHN": 0.3, "FRA": 0.2, "XAA": 0.1}))
    assert "of 4 partners the first holds 40.0%, the last 10.0%" in text


# --- measures -----------------------------------------------------------------------------------


def test_lines_break_where_nothing_is_known():
    table = measures(series=[("sipri_tiv", "arms", 2024, 6.0)])
    table.loc[table["end"].isin([2003, 2005, 2006]), ["estimate", "low", "high"]] = np.nan
    ax = plot.trend(table)
    line = ax.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), table["end"])
    np.testing.assert_array_equal(line.get_ydata(), table["estimate"])
    assert 2004 - 1995 in line.get_markevery()  # alone between two gaps, it needs a marker
    one, two = spans(ax, "gap")
    assert 2002 < one[0] < 2003 < one[1] < 2004
    assert 2004 < two[0] < 2005 < 2006 < two[1] < 2007


def test_years_left_out_of_the_table_are_gaps_too():
    table = measures(series=[("sipri_tiv", "arms", 2024, 6.0)])
    line = plot.trend(table[table["end"] != 2010]).lines[0]
    assert np.isnan(line.get_ydata()[2010 - 1995])


def test_years_without_a_tie_and_undefined_measures_are_no_gaps_in_the_data():
    table = measures(series=[("sipri_tiv", "arms", 2020, 6.0)])
    nothing = table["end"].between(2003, 2008)
    table.loc[nothing, ["estimate", "low", "high"]] = np.nan
    table.loc[table["end"].between(2003, 2005), "status"] = "empty"
    table.loc[table["end"] > 2022, "status"] = "not_in_system"
    ax = plot.trend(table)
    gaps = {patch.get_x(): bool(patch.get_hatch()) for patch in ax.patches}
    assert sorted(gaps.items()) == [
        (pytest.approx(2002.15), False),
        (2005.5, False),
        (pytest.approx(2020.15), True),
        (2022.5, True),
    ]
    said = [t.get_text() for t in ax.texts if t.get_gid() == "no data"]
    assert said == ["no ties", "not defined", "no data", "not a state"]


@pytest.mark.parametrize("shift", [0, -20, -40])
def test_lines_below_zero_lie_inside_and_fill_the_panel(shift):
    table = measures(series=[("sipri_tiv", "arms", 2024, 6.0)])
    table[["estimate", "low", "high"]] += shift
    low, high = plot.trend(table).get_ylim()
    values = table[["low", "high"]].to_numpy()
    assert low < values.min() < values.max() < high
    assert np.ptp([*values.ravel(), 0]) > 0.85 * (high - low)


def test_a_line_that_ends_early_says_when():
    labels = [t.get_text() for t in plot.trend(measures()).texts if t.get_gid() == "label"]
    assert {"Arms imports", "Exercises, to 2010", "Defence pacts, to 2018"} <= set(labels)


def test_lines_can_be_told_apart_without_colour():
    lines = plot.trend(measures()).lines
    looks = {(str(line.get_linestyle()), line.get_marker()) for line in lines}
    assert len(looks) == len(lines) == 5
    sources = plot.trend(CASES["trend"]["two sources"])
    assert len({(line.get_color(), line.get_marker()) for line in sources.lines}) == 2
    labels = [t.get_text() for t in sources.texts if t.get_gid() == "label"]
    assert "Arms imports (SIPRI register)" in labels


def test_bands_are_the_intervals():
    table = measures(series=[("sipri_tiv", "arms", 2024, 6.0)])
    band = plot.trend(table).collections[0]
    bottom, top = band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()
    assert (bottom, top) == (table["low"].min(), table["high"].max())


def test_panels_of_a_triptych_share_years_and_looks():
    figure = plot.triptych(stacked(triple()))
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    looks = [{line.get_label(): line.get_color() for line in ax.lines} for ax in figure.axes]
    assert looks[0] == looks[1] == looks[2]
    assert [ax.get_title(loc="left").split(":")[0] for ax in figure.axes] == [
        "Variety",
        "Balance",
        "Disparity",
    ]


def test_years_are_whole():
    for name in ("trend", "composition", "coverage", "timeline"):
        ax = draw(name, "usual")
        ax.figure.draw_without_rendering()
        labels = [label.get_text() for label in ax.get_xticklabels() if label.get_text()]
        assert all(label.isdigit() and len(label) == 4 for label in labels), name
        assert len(labels) >= 3


#: figures of places, names or dates only, which nothing measures
UNMEASURED = {"timeline", "world_map", "verdicts", "blocs", "bump"}


def test_axes_say_what_they_measure():
    for name in ONE_PANEL:
        ax = draw(name, "usual")
        if name not in UNMEASURED:
            assert ax.get_xlabel() or ax.get_ylabel(), name


def test_infinite_order_has_its_place():
    ax = plot.hill_profile(profiles(portfolio({"USA": 0.5, "CHN": 0.5})))
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0].startswith("0")
    assert labels[-1].startswith("∞")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 2)  # two equal partners at every order
    assert (np.diff(ax.lines[0].get_xdata()) > 0).all()


# --- exposure -----------------------------------------------------------------------------------


def test_dumbbells_join_before_and_after():
    figure = plot.loss(losses(portfolio({"USA": 0.5, "CHN": 0.25, "FRA": 0.25})))
    panels = dict(zip(("number", "effective"), figure.axes, strict=True))
    before, after = panels["number"].lines
    assert (before.get_xdata()[0], after.get_xdata()[0]) == (3, 2)
    before, after = panels["effective"].lines
    assert before.get_xdata()[0] == pytest.approx(2**1.5)
    assert after.get_xdata()[0] == pytest.approx(2)
    assert before.get_markerfacecolor() != after.get_markerfacecolor()
    label = panels["number"].get_yticklabels()[0].get_text()
    assert label == "Arms imports, 2020–2024\nwithout Partner USA (50.0%)"


def test_a_portfolio_that_loses_all_says_so():
    figure = plot.loss(losses(portfolio({"CHN": 1.0})))
    assert "1, none left" in [text.get_text() for text in figure.axes[0].texts]


def test_removal_curves_start_whole_and_fall():
    shares = portfolio({"USA": 0.5, "CHN": 0.3, "FRA": 0.2})
    (line,) = plot.removal(removals(shares)).lines
    np.testing.assert_allclose(line.get_ydata(), [1, 0.5, 0.2, 0], atol=1e-12)
    labels = {t.get_text() for t in plot.removal(removals(shares)).texts}
    assert {f"without Partner {code}" for code in ("USA", "CHN", "FRA")} <= labels


# --- comparisons --------------------------------------------------------------------------------


def test_peers_stand_in_order_with_the_unknown_last():
    table = standing()
    ax = plot.peers(table)
    known = table.dropna(subset=["estimate"])
    known = known.sort_values(["estimate", "name"], ascending=[False, True])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [*known["name"], "State D"]
    assert [t.get_text() for t in ax.texts if t.get_gid() == "value"][-1] == "no data"
    bold = [t.get_text() for t in ax.get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == ["State B"]


def test_specifications_stand_in_order_and_are_counted():
    table = specifications()
    above, below = plot.specification(table).axes
    drawn = np.sort(np.concatenate([line.get_ydata() for line in above.lines]))
    np.testing.assert_allclose(drawn, np.sort(table["estimate"]))
    assert above.get_title(loc="left") == f"{table['agrees'].sum()} of 24 specifications agree"
    marks = sum(len(line.get_xdata()) for line in below.lines)
    assert marks == 24 * 3  # every specification has one option of each of three choices


# --- the record ---------------------------------------------------------------------------------


def test_coverage_is_drawn_to_the_year():
    ax = plot.coverage(sources())
    assert spans(ax, "covered") == [(1989.5, 2018.5), (1989.5, 2010.5), (1989.5, 2024.5)]
    assert spans(ax, "ties") == [(1989.5, 2018.5), (2009.5, 2011.5)]
    whole = (1989.5, 2024.5)
    assert spans(ax, "gap") == [(2018.5, 2024.5), (2010.5, 2024.5), whole, whole]
    said = [t.get_text() for t in ax.texts if t.get_gid() == "value"]
    assert said == ["61 ties\n1954–2018", "no ties", "", "5 ties\n1960–1984", "1 tie\n2010–2011"]


def test_events_stand_at_their_dates_and_doubt_is_hollow():
    table = events(8)
    ax = plot.timeline(table)
    at = np.sort(np.concatenate([line.get_xdata() for line in ax.lines]))
    dates = pd.to_datetime(table["date"])
    np.testing.assert_allclose(at, np.sort(dates.dt.year + (dates.dt.month - 0.5) / 12), atol=0.05)
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    doubted = (table["confidence"] != "confirmed").sum()
    assert sum(len(line.get_xdata()) for line in hollow) == doubted


# --- style --------------------------------------------------------------------------------------


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(channels, [0.2126, 0.7152, 0.0722]))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_lines_and_texts_stand_out_from_the_ground():
    """At least 3:1 for graphics, 4.5:1 for text (WCAG 2.2, 1.4.11 and 1.4.3)."""
    kinds = [
        "arms",
        "exercise",
        "agreement",
        "alliance/defense",
        "alliance/nonaggression",
        "alliance/consultation",
        "other",
        "another",
    ]
    looks = parts_colours.looks(["PAK"] * len(kinds), kinds)
    assert [colour for colour, *_ in looks if contrast(colour, "white") < 3] == []
    assert contrast(parts_colours.INK, "white") > 7
    assert contrast(parts_colours.MUTED, "white") > 4.5
    for colour in parts_colours.partner_colours([*parts_colours.PARTNERS, *codes(13)]).values():
        assert contrast(parts_colours.ink_on(colour), colour) > 4.5, to_hex(colour)


#: what the eye without its middle or long cones makes of linear RGB (Machado et al. 2009)
EYES = {
    "usual": np.eye(3),
    "deuteranope": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                             [-0.011820, 0.042940, 0.968881]]),
    "protanope": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                           [-0.003882, -0.048116, 1.051998]]),
}  # fmt: skip


def seen(colour, eye):
    """CIE L*a*b* of a colour as an eye sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(EYES[eye] @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES)
def test_partners_differ_to_every_eye(eye):
    """A difference of 2 can be seen side by side, 10 at a glance."""
    colours = parts_colours.partner_colours([*parts_colours.PARTNERS, *codes(13)[3:]]).values()
    pairs = itertools.combinations({*colours, parts_colours.OTHER}, 2)
    distance = {p: np.linalg.norm(seen(p[0], eye) - seen(p[1], eye)) for p in pairs}
    assert min(distance.values()) > 10


def test_the_style_is_a_style_file():
    with plt.style.context(plot.STYLE):
        assert mpl.rcParams["font.family"] == ["DejaVu Sans"]
        assert mpl.rcParams["text.parse_math"] is False


def test_texts_from_data_are_one_printable_line():
    assert words.clean("a\n\tb\x00c ") == "a b c"
    assert words.clean("x" * 50, 10) == "x" * 9 + "…"


def test_numbers_are_printed_alike():
    assert [numbers.percent(x) for x in (0.7204, 1.0, 0.0001, 0.0)] == [
        "72.0%",
        "100%",
        "<0.1%",
        "0.0%",
    ]
    printed = [numbers.number(x) for x in (12.0, 0.3, 4.567, 123.4)]
    assert printed == ["12", "0.300", "4.57", "123"]


# --- labels -------------------------------------------------------------------------------------

positions = st.lists(st.floats(0, 100), min_size=1, max_size=12)


@given(positions, st.floats(0.5, 8))
def test_spread_labels_keep_apart_in_order_and_inside(wanted, height):
    placed = spread(wanted, height, low=0, high=100)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= height - 1e-6).all()
    assert placed.min() >= -1e-6
    assert placed.max() <= 100 + 1e-6


@given(positions, st.floats(0.5, 8))
def test_labels_that_are_apart_stay_where_they_are(wanted, height):
    apart = np.arange(len(wanted)) * height + 1
    if apart[-1] < 100:
        np.testing.assert_allclose(spread(apart, height, low=0, high=100), apart)


def test_two_labels_give_way_equally():
    np.testing.assert_allclose(spread([50, 50], 4, low=0, high=100), [48, 52])
    np.testing.assert_allclose(spread([50, 52, 10], 4, low=0, high=100), [49, 53, 10])


def test_labels_without_room_overflow_evenly():
    np.testing.assert_allclose(spread([5, 5, 5], 10, low=0, high=10), [-5, 5, 15])


@pytest.mark.parametrize("eye", EYES)
def test_shades_of_the_map_darken_for_every_eye_and_the_state_itself_stands_out(eye):
    ramp = np.array([seen(colour, eye) for colour in (world.NONE, *world.SHADES)])
    assert np.diff(ramp[:, 0]).max() < -5  # in grey too: by lightness alone
    own = seen(world.OWN, eye)
    assert np.linalg.norm(ramp - own, axis=1).min() > 25


def test_kinds_of_intervals_are_named_once_with_how_often_they_held():
    name = "95% bootstrap over exercises"
    kinds = [f"{name}; in tests it …", name, f"{name}; in tests it …"]
    rows = pd.DataFrame(
        {"low": 1.0, "high": 2.0, "interval": kinds, "interval_coverage": [90, 95, 83]}
    )
    expected = f"{name} (in tests they contained the truth 83 times in 100 or more)"
    assert interval_ends.interval_kinds(rows, "bands") == f"Bands: {expected}"
    assert interval_ends.interval_kinds(rows.iloc[[1]], "bands") == f"Bands: {name}"
    rows.loc[2, "high"] = np.nan
    said = interval_ends.interval_kinds(rows, "bands")
    assert said.endswith("; arrows: no limit on that side, for there are too few events")
