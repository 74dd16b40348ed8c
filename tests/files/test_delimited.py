"""Delimited text as producers and spreadsheets write it, and files that are no such text."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import PartnershipError, SourceFileError
from analysis.files import delimited, inputs, tables
from analysis.loaders import LOADERS
from analysis.sources import catalog
from analysis.studies.claims import tables as claims
from analysis.studies.events import shock_table

NAMES = ["id", "name", "value"]
PLAIN = "id,name,value\n1,Türkiye,1.5\n2,Iran,20\n"


def save(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(folder: Path, content: str | bytes) -> list[list[str]]:
    read = tables.read_table(save(folder, content), NAMES)
    return read[NAMES].to_numpy().tolist()


def semicolons(text: str = PLAIN) -> str:
    return text.replace(",", ";").replace("1.5", "1,5")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "sep=,\n" + PLAIN,
        '"sep=;"\r\n' + semicolons(),
        semicolons(),
        semicolons().replace("\n", ";;\n"),
        PLAIN.replace("\n", ",,\n"),
        PLAIN + ",,\n" * 3,
        semicolons() + ";;\n\n \n",
        PLAIN.replace(",", "\t"),
        "A preamble; of one, line\n\n" + PLAIN,
        "A preamble; of one, line;;\n;;\n" + semicolons(),
        PLAIN.encode("cp1252"),
        semicolons().encode("cp1252"),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + semicolons().encode("utf-16-be"),
        PLAIN.replace(",", "\t").encode("utf-16"),
    ],
)
def test_a_table_is_the_same_however_it_is_saved(tmp_path, content):
    assert table(tmp_path, content) == [["1", "Türkiye", "1.5"], ["2", "Iran", "20"]]


def test_lines_are_those_of_the_file(tmp_path):
    read = tables.read_table(save(tmp_path, "sep=;\n\n" + semicolons() + ";;\n3;Iraq;4\n"), NAMES)
    assert read["line"].tolist() == [4, 5, 7]


def test_thousands_stand_apart_where_the_decimal_sign_says_so(tmp_path):
    rows = table(tmp_path, "id;name;value\n1;a;1.234,5\n2;b;1.234\n3;c;12 345,0\n4;2001,2005;7\n")
    assert [row[2] for row in rows] == ["1234.5", "1234", "12345.0", "7"]
    assert rows[3][1] == "2001,2005"
    # without a decimal comma anywhere, a point is a decimal point
    assert table(tmp_path, "id;name;value\n1;a;1.234\n2;b;5\n")[0][2] == "1.234"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1234.5", 1234.5), ("1,234.5", 1234.5), ("1 234", 1234), ("-2e3", -2000), (".5", 0.5)],
)
def test_numbers(text, number):
    assert delimited.numbers(pd.Series([text])).tolist() == [number]


@pytest.mark.parametrize("text", ["", "٢", "1_000", "nan", "inf", "0x1", "1a", "1,23", "１"])
def test_only_digits_from_0_to_9_are_numbers(text):
    assert delimited.numbers(pd.Series([text], dtype="str")).isna().all()


@pytest.mark.parametrize("name", ["claims", "shocks", *sorted(LOADERS)])
@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "device", "link to a device"])
def test_pipes_and_devices_are_refused_at_once(tmp_path, name, kind):
    read = {"claims": claims.read, "shocks": shock_table.read, **LOADERS}[name]
    odd = Path("/dev/zero")
    if "pipe" in kind:
        odd = tmp_path / "pipe"
        os.mkfifo(odd)
    path = odd
    if "link" in kind:
        path = tmp_path / "link.csv"
        path.symlink_to(odd)
    with pytest.raises(SourceFileError, match="no ordinary file"):
        read(path)


def test_a_pipe_in_place_of_a_table_or_sidecar_is_refused(tmp_path):
    for name in ("source.yml", "ledger.csv"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(SourceFileError, match="no ordinary file"):
        catalog.read_sidecar(tmp_path)
    with pytest.raises(SourceFileError, match="no ordinary file"):
        catalog.sha256(tmp_path / "ledger.csv")


def test_a_link_to_an_ordinary_file_is_that_file(tmp_path):
    (tmp_path / "link.csv").symlink_to(save(tmp_path, PLAIN))
    assert len(tables.read_table(tmp_path / "link.csv", NAMES)) == 2


def test_other_digits_are_told_by_row_and_column(tmp_path):
    head = (
        "claim,state,text,part,part_text,test,instrument,source,partners,events,before,after,"
        "threshold,years"
    )
    row = "a,PAK,t,a1,p,share_at_least,arms,sipri_tiv,CHN,,,20٢٠,٠.5,20٠١-20٢٥"
    with pytest.raises(SourceFileError) as told:
        claims.read(save(tmp_path, f"{head}\n{row}\n"))
    for column in ("after", "threshold", "years"):
        assert f"row 2: {column} is" in str(told.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,name,value,name\n1,2,3,4\n", "name stand more than once"),
        (b"id,name,value\n1,2,\x003\n", "NUL"),
        (b",,\n ,\n", "is empty"),
        (b"sep=;\n", "is empty"),
        (b"id,name,value\n1," + b"x" * 200_000 + b",3\n", "line 2"),
        (b'id,name,value\n1,"x\n2,y,3\n', "quotation mark"),
        ("id,name,value\n1,a\ud800".encode("utf-16", "surrogatepass"), "cannot be decoded"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, content, said):
    with pytest.raises(SourceFileError, match=said):
        table(tmp_path, content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [b"a,b\n", b",\n", b"a;b;c;d;e\n", b"\n", "a,é\U0001f600\n".encode(), b'"",1\n']
)
def test_memory_stays_within_four_times_the_file_and_200_mb(tmp_path, line):
    """The limit is on all data of the process, beyond which it would get no more."""
    path = save(tmp_path, b"id,name,value\n" + line * (4_000_000 // len(line)))
    code = (
        "import sys; from pathlib import Path; from analysis.loaders import imports\n"
        "from analysis.errors import PartnershipError\n"
        "try: imports.import_source('sipri', sys.argv[1])\n"
        "except PartnershipError as error: print(error)\n"
        # of this program alone: getrusage counts the process that began it too
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
        env={**os.environ, "PARTNERSHIPS_IMPORTS": str(tmp_path / "imports")},
    )
    *said, peak = done.stdout.strip().splitlines()
    assert said, done.stderr
    assert int(peak) * 1024 <= 4 * path.stat().st_size + 200_000_000


def test_the_limit_of_memory_is_named(tmp_path):
    path = save(tmp_path, b"id,name,value\n" + b"a,b,c\n" * 700_000)
    with pytest.raises(SourceFileError, match=r"may, 216 MB \(4 times the file and 200 MB"):
        tables.read_table(path, NAMES)


def test_a_file_without_end_is_read_no_further_than_allowed(tmp_path):
    path = save(tmp_path, b"ab\n" * 1000)
    with pytest.raises(PartnershipError, match="larger than 100 bytes"):
        inputs.read_bytes(path, most=100)


def test_a_register_that_would_make_too_large_a_table_is_refused(tmp_path):
    years = "; ".join(map(str, range(1950, 2025)))
    header = "Recipient,Supplier,Year(s) of delivery,SIPRI TIV of delivered weapons\n"
    path = save(tmp_path, header + f"Pakistan,China,{years},1\n" * 3000)
    with pytest.raises(SourceFileError, match="so many years of delivery"):
        LOADERS["sipri"](path)


def test_too_little_memory_is_one_line(tmp_path):
    code = (
        "import sys; from analysis import cli\n"
        "def run(_): raise MemoryError\n"
        "cli._COMMANDS['sources'] = (run, *cli._COMMANDS['sources'][1:])\n"
        "sys.exit(cli.main(['sources']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "partnerships: There is not enough memory for this.\n"
