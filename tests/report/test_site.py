import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from toys import contents, files_no_larger_than, names, resource, toys  # noqa: F401

from analysis.errors import ParameterError, PartnershipError
from analysis.report import batch, manifest, planning, publish, verify
from analysis.report.site import changes, headline, history, index, run_log
from analysis.report.site import folder as report_folder

pytestmark = pytest.mark.usefixtures("toys")

SCRIPT = "<script>alert(1)</script>"
NOON = "1700000000"

SERIES = (
    "country,source,instrument,start,end,measure,measure_id,estimate,low,high,interval_kind,status,"
    "weighting,window,coverage\n"
)
PARTNERS = "country,source,instrument,start,end,partner,partner_name,share\n"


def measured(
    end: int,
    estimate: object,
    low: object = "",
    high: object = "",
    *,
    kind: str = "bootstrap",
    status: str = "measured",
    source: str = "toy",
    instrument: str = "exercise",
) -> str:
    """Write a row of the table of series."""
    named = f"PAK,{source},{instrument},{end - 4},{end},effective partners,effective,{estimate}"
    return f"{named},{low},{high},{kind},{status},count,5,1980–2010\n"


def partner(code: str, name: str, end: int = 2010) -> str:
    return f'PAK,toy,exercise,{end - 4},{end},{code},"{name}",0.5\n'


def put(
    out: Path,
    *,
    state: str = "PAK",
    headline: str = "",
    partners: str = "",
    report: str = "country_profile",
    **about,
) -> Path:
    """Put a report in place that has these rows in two of its tables."""
    files = {
        f"{report}.html": b"<p>page</p>",
        f"{report}.ipynb": b"{}",
        f"data/{report}-series.csv": (SERIES + headline).encode(),
        f"data/{report}-partners.csv": (PARTNERS + partners).encode(),
    }
    entry = {
        "title": "Country profile",
        "question": "How diverse?",
        "parameters": {"window": 5},
        "library": {"version": "1"},
        "sources": {"toy": {"version": "1", "files": {}}},
        **about,
        "files": manifest.digests(files),
    }
    with publish.staging(out) as aside:
        return publish.publish(out, aside, state=state, report=report, entry=entry, files=files)


def series_of(folder: Path) -> list[headline.Series]:
    """What the site reads from the folder of a state."""
    return headline.read(folder, report_folder.reports(folder))


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)


class Page(HTMLParser):
    """Tags, attributes and text of a page; scripts and styles apart."""

    def __init__(self, path: Path):
        super().__init__()
        self.tags, self.links, self.text, self.inside = [""], [], "", {"script": "", "style": ""}
        self.ids, self.policy = [], ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        assert not [name for name in given if name.startswith("on") or name == "style"]

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        if self.tags[-1] in self.inside:
            self.inside[self.tags[-1]] += data
        else:
            self.text += data


# --- the pages -----------------------------------------------------------------------------------


def test_the_index_shows_each_state_and_where_its_reports_are(tmp_path):
    put(tmp_path, headline=measured(2009, 3.0) + measured(2010, 4.25, 3.5, 5))
    put(tmp_path, state="IND", headline=measured(2010, ""))
    run_log.record(tmp_path, "PAK", "country_profile")
    assert index.write(tmp_path) == []
    page = Page(tmp_path / "index.html")
    assert {"PAK", "IND"} <= {*page.ids}
    for text in (
        "Pakistan",
        "Joint exercises",
        "4.2 (3.5 to 5.0)",
        "2006–2010, toy, 95% interval",
        "2023-11-14",
    ):
        assert text in page.text
    local = [link for link in page.links if not link.startswith("data:")]
    assert [link for link in local if not (tmp_path / link).is_file()] == []
    assert {"PAK/index.html", "IND/country_profile.html", "changes.atom"} <= {*local}
    # one line for the one state that has an estimate
    assert page.tags.count("polyline") == 1


def test_the_country_page_links_every_file_of_its_folder(tmp_path):
    folder = put(tmp_path, headline=measured(2009, 3.0) + measured(2010, 4.25, 3.5, 5))
    page = Page(folder / "index.html")
    assert {*contents(folder)} - {"index.html"} <= {*page.links}
    assert {link for link in page.links if link.startswith("../")} == {
        "../index.html",
        "../changes.html",
    }
    assert "How diverse?" in page.text
    assert verify.verify(tmp_path) == (6, [])


@pytest.mark.parametrize("name", ["index.html", "changes.html", "PAK/index.html"])
def test_the_policy_lets_our_style_and_script_act_and_nothing_else(name, tmp_path):
    put(tmp_path)
    index.write(tmp_path)
    page = Page(tmp_path / name)
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["style-src"] == hash_of(page.inside["style"])
    script = page.inside["script"]
    assert rules["script-src"] == (hash_of(script) if script else "'none'")
    assert not re.search(r"https?://|url\(|@import", page.inside["style"] + script)
    assert not [link for link in page.links if "://" in link]


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_site_is_the_same_bytes_whatever_was_there(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "other"):
        put(folder, headline=measured(2010, 3.0))
        put(folder, headline=measured(2010, 4.0))
        run_log.record(folder, "PAK", "country_profile")
    index.write(tmp_path / "one")
    for _ in range(2):
        index.write(tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_a_line_breaks_where_nothing_is_known(tmp_path):
    rows = (
        measured(2005, 2.0, 1.5, 3) + measured(2006, "") + measured(2007, 3.0) + measured(2008, 4.0)
    )
    [series] = series_of(put(tmp_path, headline=rows))
    drawn = ElementTree.fromstring(headline.sparkline(series, (2005, 2009), width=106, height=56))
    lines = [line.get("points") for line in drawn.iter("polyline")]
    # 100 × 50 pixels within the margins; from 1 at the bottom to 4 at the top
    assert lines == ["3.0,36.3", "53.0,19.7 78.0,3.0"]
    assert series.summary == (
        "Effective partners, joint exercises; toy: 2.0 (1.5 to 3.0) in 2001–2005, 4 in 2004–2008"
    )


def test_the_newest_window_comes_first_and_sources_share_one_picture(tmp_path):
    rows = (
        measured(2007, 3.3, kind="exact", source="sipri_tiv", instrument="arms")
        + measured(
            2010, "", kind="none", status="not_covered", source="sipri_tiv", instrument="arms"
        )
        + measured(2007, 2.8, 1.5, 7.6, kind="bounds", source="sipri_register", instrument="arms")
        + measured(2010, 2.35, 1.8, 3, kind="bounds", source="sipri_register", instrument="arms")
    )
    [series] = series_of(put(tmp_path, headline=rows))
    assert series.newest.text.endswith("(1.8 to 3.0)")
    assert "2006–2010" in series.newest.about
    assert "least and greatest" in series.newest.about
    assert [(point.text, point.about.split(", ")[-1]) for point in series.older] == [
        ("3.30", "exact")
    ]
    drawn = ElementTree.fromstring(headline.sparkline(series, (2005, 2010)))
    assert [line.get("class") for line in drawn.iter("polyline")] == [None, "open"]
    assert len(list(drawn.iter("polygon"))) == 1


def test_none_is_a_dash_and_what_nobody_saw_is_no_data(tmp_path):
    absent = {"kind": "none", "instrument": "alliance/defense"}
    put(
        tmp_path,
        headline=measured(2005, 3, kind="exact", instrument="alliance/defense")
        + measured(2010, "", status="empty", **absent)
        + measured(2015, "", status="not_covered", **absent),
    )
    [series] = series_of(tmp_path / "PAK")
    assert (series.newest.text, series.newest.about) == ("–", "no ties in 2006–2010, toy")
    assert [point.text for point in series.older] == ["3"]
    put(tmp_path, state="IND", headline=measured(2015, "", status="not_covered", **absent))
    put(tmp_path, state="TUR", headline=measured(2009, "", status="not_covered", **absent))
    put(tmp_path, state="KIR")
    index.write(tmp_path)
    cells = re.findall(r'<td class="num"[^>]*>(.*?)</td>', (tmp_path / "index.html").read_text())
    shown = [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in cells]
    assert shown == [
        "no data the record has 1980–2010 only",
        "no data",
        "– no ties in 2006–2010, toy",
        "no data no record covers this state",
    ]


def test_a_state_with_a_variant_only_has_its_numbers(tmp_path):
    folder = put(tmp_path, headline=measured(2010, 4.0), report="country_profile--window-3")
    assert [point.estimate for point in series_of(folder)[0].points] == [4.0]


def test_a_failure_is_shown_until_the_report_is_made(tmp_path):
    with publish.staging(tmp_path) as aside:
        publish.keep_failed(tmp_path, aside, state="PAK", report="country_profile", notebook=b"{}")
    run_log.record(tmp_path, "PAK", "country_profile", error=f"cell 3: {SCRIPT}")
    index.write(tmp_path)
    page = Page(tmp_path / "index.html")
    assert "1 report failed" in page.text
    assert SCRIPT in page.text
    assert "failed/PAK/country_profile.ipynb" in page.links
    put(tmp_path)
    index.write(tmp_path)
    assert "failed" not in Page(tmp_path / "index.html").text


# --- what others may have put there --------------------------------------------------------------

HOSTILE = [
    "[]",
    "{",
    '{"format": 1, "reports": []}',
    '{"format": 1, "country": "PAK", "reports": {}}',
    '{"format": 1, "country": "PAK", "files": {}, "reports": {"a": {"files": ["x"]}}}',
    '{"format": 1, "country": "PAK", "files": {}, "reports": {}, "x": NaN}',
    '{"format": 1, "country": "PAK", "files": {}, "reports": {}, "x": "\\ud800"}',
    "[" * 100_000,
    '{"format": 1, "country": "IND", "files": {}, "reports": {}}',
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_manifest_that_is_not_ours_is_left_out_and_named(text, tmp_path):
    put(tmp_path, state="IND")
    (tmp_path / "PAK").mkdir()
    (tmp_path / "PAK" / "manifest.json").write_text(text)
    assert [note.split(":")[0] for note in index.write(tmp_path)] == [str(tmp_path / "PAK")]
    assert "IND" in Page(tmp_path / "index.html").ids


def test_only_names_of_ours_become_addresses(tmp_path):
    folder = put(tmp_path)
    content = manifest.read(folder)
    entry = content["reports"]["country_profile"]
    entry["title"], entry["question"] = SCRIPT, f'"><img src=x onerror="alert(1)">{SCRIPT}'
    bad = ["../../etc/passwd.html", "javascript:alert(1).html", "/etc/x.csv", "a b.html", "x.exe"]
    entry["files"] |= dict.fromkeys(bad, "0" * 64)
    entry["sources"] = {SCRIPT: {"version": SCRIPT}, "toy": "1"}
    content["reports"]["../evil"] = entry
    (folder / "manifest.json").write_bytes(manifest.as_bytes(content))
    described = report_folder.reports(folder)
    assert list(described) == ["country_profile"]
    assert not {*bad} & {*described["country_profile"].files}
    assert index.write(tmp_path) == []
    page = Page(tmp_path / "index.html")
    assert SCRIPT in page.text
    assert "img" not in page.tags
    for name in ("..", "FOO", "pak", "PAK2", ".git", "con"):
        assert not report_folder.is_state(name)


def test_nothing_is_read_or_written_through_a_link(tmp_path):
    secret = tmp_path / "secret.html"
    secret.write_text("partnership-diversity secret")
    out = tmp_path / "out"
    folder = put(out, headline=measured(2010, 3.0))
    (out / "IND").symlink_to(folder)
    (folder / "data").rename(tmp_path / "data")
    (folder / "data").symlink_to(tmp_path / "data")
    (out / "index.html").symlink_to(secret)
    (out / "failed" / "PAK").mkdir(parents=True)
    (out / "failed" / "PAK" / "arms.ipynb").symlink_to(secret)
    assert report_folder.states(out) == ["PAK"]
    assert report_folder.failures(out) == []
    assert series_of(folder) == []
    assert index.write(out) == [f"{out}/index.html: is not of this program; it was left alone"]
    assert secret.read_text() == "partnership-diversity secret"


def test_a_page_of_the_users_own_is_left_alone(tmp_path):
    put(tmp_path)
    (tmp_path / "index.html").write_text("mine")
    assert index.write(tmp_path) == [
        f"{tmp_path}/index.html: is not of this program; it was left alone"
    ]
    assert (tmp_path / "index.html").read_text() == "mine"
    assert ".index.html.new" not in names(tmp_path)


@pytest.mark.parametrize("cell", ["inf", "nan", "1e999", "x", SCRIPT, "−1"])
def test_what_is_no_number_is_no_point(cell, tmp_path):
    folder = put(tmp_path, headline=measured(2009, 2.0) + measured(2010, cell, cell, cell))
    [series] = series_of(folder)
    assert [point.end for point in series.points] == [2009]


# --- what changed --------------------------------------------------------------------------------


def test_a_change_tells_what_moved_who_came_and_what_was_updated(tmp_path):
    put(
        tmp_path,
        headline=measured(2008, 2.0)
        + measured(2009, 3.0, 2.5, 3.5)
        + measured(2010, 4.0, 3.0, 5.0),
        partners=partner("CHN", "China") + partner("USA", "United States"),
    )
    put(
        tmp_path,
        headline=measured(2008, 2.1)
        + measured(2009, 3.5, 2.5, 3.5)
        + measured(2010, 5.5, 3.0, 5.0),
        partners=partner("CHN", "China") + partner("TUR", SCRIPT),
        sources={"toy": {"version": "2", "files": {}}},
        library={"version": "1.1"},
    )
    [change] = history.read(tmp_path)
    assert change["says"] == [
        "effective partners, joint exercises 2004–2008 (toy): 2 became 2.10.",
        "effective partners, joint exercises 2006–2010 (toy): 4 became 5.5, outside 3 to 5.",
        f"Partners that came, joint exercises (toy): {SCRIPT}.",
        "Partners that went, joint exercises (toy): United States.",
        "Source toy: 1 became 2.",
        "Made with version 1.1 of the package; before, with 1.",
    ]
    index.write(tmp_path)
    for name in ("index.html", "changes.html"):
        page = Page(tmp_path / name)
        assert SCRIPT in page.text
        assert page.tags.count("script") == (name == "index.html")
    told = json.loads((tmp_path / "changes.json").read_text("utf-8"))["changes"]
    assert told == json.loads(json.dumps([change]))
    assert told[0]["at"] == "2023-11-14T22:13:20Z"


def test_the_same_report_again_is_no_change(tmp_path):
    for _ in range(2):
        put(tmp_path, headline=measured(2010, 4.0), partners=partner("CHN", "China"))
    assert history.read(tmp_path) == []
    assert names(tmp_path) == ["PAK"]


def test_windows_are_compared_with_themselves(tmp_path):
    """A window more is no move; the partners of the last window are those that count."""
    old = put(tmp_path / "a", headline=measured(2009, 2.0), partners=partner("CHN", "China", 2009))
    new = put(
        tmp_path / "b",
        headline=measured(2009, 2.0) + measured(2010, 9.0),
        partners=partner("CHN", "China", 2009) + partner("USA", "United States", 2010),
    )
    entries = [manifest.read(folder)["reports"]["country_profile"] for folder in (old, new)]
    assert changes.between(old, new, before=entries[0], after=entries[1]) == {
        "partners": [
            {
                "source": "toy",
                "instrument": "exercise",
                "came": ["United States"],
                "went": ["China"],
            }
        ]
    }


def test_other_parameters_measure_another_thing(tmp_path):
    put(tmp_path, headline=measured(2010, 4.0))
    put(tmp_path, headline=measured(2010, 9.0), parameters={"window": 3})
    [change] = history.read(tmp_path)
    assert change["says"] == ["Parameter window: 5 became 3."]


def test_a_change_that_is_made_again_after_a_kill_is_told_once(tmp_path, monkeypatch):
    put(tmp_path, headline=measured(2010, 4.0))

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publish, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            put(tmp_path, headline=measured(2010, 9.0))
    put(tmp_path, headline=measured(2010, 9.0))
    assert len(history.read(tmp_path)) == 1
    put(tmp_path, headline=measured(2010, 4.0))
    put(tmp_path, headline=measured(2010, 9.0))
    assert len(history.read(tmp_path)) == 3


def test_the_history_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "_KEPT", 3)
    for estimate in range(2, 8):
        put(tmp_path, headline=measured(2010, estimate))
    index.write(tmp_path)
    assert len((tmp_path / "changes.jsonl").read_text().splitlines()) == 3
    assert history.read(tmp_path)[0]["says"][0].endswith(": 6 became 7.")
    many = "".join(measured(year, 2.0) for year in range(1950, 2010))
    put(tmp_path / "many", headline=many)
    put(tmp_path / "many", headline=many.replace(",2.0,", ",3.0,"))
    assert history.read(tmp_path / "many")[0]["says"][20:] == ["And 40 more measures."]


def test_lines_of_a_log_that_are_not_ours_are_left_out(tmp_path):
    put(tmp_path, headline=measured(2010, 4.0))
    put(tmp_path, headline=measured(2010, 9.0))
    good = (tmp_path / "changes.jsonl").read_text()
    line = json.loads(good)
    bad = [
        {**line, "at": SCRIPT},
        {**line, "state": "../x"},
        {**line, "report": SCRIPT},
        {**line, "change": {"measures": [{}]}},
        {**line, "change": []},
        {**line, "left_out": {"a": "x"}},
        {**line, "change": {"measures": [{**line["change"]["measures"][0], "before": 10**400}]}},
        7,
    ]
    text = "\n".join(json.dumps(one) for one in bad)
    (tmp_path / "changes.jsonl").write_text(f'{text}\n{{"at": NaN}}\n{good}{good[:20]}')
    assert len(history.read(tmp_path)) == 1
    index.write(tmp_path)


def test_a_torn_line_does_not_take_the_next_with_it(tmp_path):
    run_log.record(tmp_path, "PAK", "arms")
    with (tmp_path / run_log.NAME).open("a") as log:
        log.write('{"at": "2020-01-0')
    run_log.record(tmp_path, "IND", "arms")
    assert {state for state, _ in run_log.last(tmp_path)} == {"PAK", "IND"}


@pytest.mark.skipif(resource is None, reason="no limits there")
@pytest.mark.parametrize("limit", [0, 1, 500, 5000])
def test_a_full_disk_leaves_the_site_as_it_was(limit, tmp_path):
    put(tmp_path, headline=measured(2010, 4.0))
    done = [planning.Outcome("PAK", "country_profile", "made")]
    batch.finish(tmp_path, done)
    (tmp_path / run_log.NAME).unlink()  # which may be torn
    before = contents(tmp_path)
    with files_no_larger_than(limit), pytest.raises(PartnershipError, match="--resume"):
        batch.finish(tmp_path, done)
    (tmp_path / run_log.NAME).unlink(missing_ok=True)
    assert contents(tmp_path) == before
    batch.finish(tmp_path, done)
    assert {*contents(tmp_path)} == {*before, run_log.NAME}


def test_the_feed_is_atom_with_ids_that_stay(tmp_path):
    put(tmp_path, headline=measured(2010, 4.0), partners=partner("CHN", "China"))
    put(tmp_path, headline=measured(2010, 9.0), partners=partner("TUR", f"{SCRIPT}\ufffe\x07 & co"))
    index.write(tmp_path)
    first = ids(tmp_path)
    put(tmp_path, headline=measured(2010, 4.0), partners=partner("CHN", "China"))
    index.write(tmp_path)
    assert ids(tmp_path)[1:] == first
    assert len({*ids(tmp_path)}) == 2


def ids(out: Path) -> list[str]:
    """Ids of the entries, last first, of a feed that has what RFC 4287 asks for."""
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring((out / "changes.atom").read_bytes())
    entries = feed.findall(f"{atom}entry")
    for element in (feed, *entries):
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{atom}id"))
        assert re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", element.findtext(f"{atom}updated"))
        assert element.findtext(f"{atom}title")
    assert feed.findtext(f"{atom}author/{atom}name")
    import feedparser

    read = feedparser.parse((out / "changes.atom").read_bytes())  # as a reader of feeds sees it
    assert (read.bozo, read.version) == (False, "atom10")
    seen = [(one.id, one.title, one.link, one.content[0].value) for one in read.entries]
    said = ("id", "title", "content")
    assert [(a, b, d) for a, b, _, d in seen] == [
        tuple(one.findtext(f"{atom}{name}") for name in said) for one in entries
    ]
    assert all(link.endswith(".html") for _, _, link, _ in seen)
    dates = [element.findtext(f"{atom}updated") for element in (feed, *entries)]
    assert dates[0] == max(dates)
    for element in (feed, *entries):  # each once, as RFC 4287 (4.1) has it
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{atom}{name}")) == 1
        links = [link.attrib for link in element.findall(f"{atom}link")]
        assert [(link["rel"], link["type"]) for link in links] == [("alternate", "text/html")]
        assert (out / links[0]["href"]).is_file()
    assert {child.tag.removeprefix(atom) for entry in entries for child in entry} == {
        "title",
        "id",
        "updated",
        "link",
        "content",
    }
    assert all(entry.find(f"{atom}content").get("type") == "text" for entry in entries)
    assert SCRIPT in entries[-1].findtext(f"{atom}content")
    return [entry.findtext(f"{atom}id") for entry in entries]


@pytest.mark.parametrize("path", ["/dev/zero", "../secret", "data/../../secret", "link"])
def test_a_manifest_cannot_have_other_files_read(path, tmp_path):
    """/dev/zero would be read without end."""
    (tmp_path / "secret").write_bytes(b"")
    folder = put(tmp_path / "out")
    (folder / "link").symlink_to(tmp_path / "secret")
    content = manifest.read(folder)
    content["reports"]["country_profile"]["files"] = {path: hashlib.sha256(b"").hexdigest()}
    (folder / "manifest.json").write_bytes(manifest.as_bytes(content))
    assert manifest.stale(folder, "country_profile", {"data": {}}) == [
        f"{path} is not as it was made"
    ]
    faults = {fault.rpartition(": ")[2] for fault in verify.verify(folder)[1]}
    assert faults >= {"was changed after it was made" if path == "link" else "is missing"}


def test_a_manifest_is_not_read_through_a_link(tmp_path):
    folder = put(tmp_path)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").symlink_to("/dev/zero")
    assert manifest.read(folder) is None


@pytest.mark.parametrize("link", ["failed", "failed/PAK"])
def test_a_failed_notebook_is_not_put_behind_a_link(link, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "out"
    (out / "failed").mkdir(parents=True)
    if link == "failed":
        (out / "failed").rmdir()
    (out / link).symlink_to(tmp_path / "elsewhere")
    with publish.staging(out) as aside, pytest.raises(ParameterError, match="is a link"):
        publish.keep_failed(out, aside, state="PAK", report="arms", notebook=b"{}")
    assert names(tmp_path / "elsewhere") == []
