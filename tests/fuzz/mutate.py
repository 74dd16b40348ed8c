"""Change a valid input in ways that people, programs and attackers do."""

import random

import pandas as pd

#: what may stand in any cell instead
CELLS = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "NaT",
    "None",
    "true",
    "9" * 30,
    "1_0",
    "0x1F",
    "٢٠٢٠",
    "１９９９",
    "²",
    "1,5",
    "1.234,5",
    "2001; 2002",
    "2001-02-30",
    "9999-12-31",
    "0001-01-01",
    "x" * 200_000,
    "\r",
    "\n",
    '"',
    "'",
    ";",
    ",",
    "\t",
    "\u2028",
    "\ufeff",
    "\x1b[31m",
    "=1+1",
    "../../etc/passwd",
    "<script>",
    "{}",
    "[]",
    "*a",
    "&a x",
    "!!int x",
    "2020-02-30",
    "Pakistan",
    "EU",
    "Congo",
    "USSR",
    "PAK",
    "é",
    "\U0001f600",
    "China (PRC)",
    "yes",
    "-9",
    "xx",
    "-99",
)
VALUES = (None, float("nan"), float("inf"), -1, 0, 1e300, 2**53, 0.5, "", "x", "٢", 1999.5, True)


def text(content: str, chance: random.Random) -> bytes:
    """Mutate a text one to four times, and put it into some encoding."""
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(_OF_TEXT)(content, chance)
    data = content.encode(chance.choice(_ENCODINGS), "replace")
    return _bytes(data, chance) if chance.random() < 0.15 else data


def table(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Mutate a table: cells, rows, columns."""
    for _ in range(chance.randint(1, 3)):
        content = chance.choice(_OF_TABLE)(content, chance)
    return content


def binary(data: bytes, chance: random.Random) -> bytes:
    """Cut a file short, or change some of its bytes, or none."""
    return _bytes(data, chance) if chance.random() < 0.4 else data


_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-16-le")


def _bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randint(0, len(changed))] if chance.random() < 0.3 else changed)


def _cell(content: str, chance: random.Random) -> str:
    lines = content.split("\n")
    at = chance.randrange(len(lines))
    mark = chance.choice([",", ";", ":", " "])
    fields = lines[at].split(mark)
    fields[chance.randrange(len(fields))] = chance.choice(CELLS)
    lines[at] = mark.join(fields)
    return "\n".join(lines)


def _digit(content: str, chance: random.Random) -> str:
    at = [n for n, sign in enumerate(content) if sign.isdigit()]
    if not at:
        return content
    place = chance.choice(at)
    return content[:place] + chance.choice("0123456789-x٢²") + content[place + 1 :]


def _lines(content: str, chance: random.Random) -> str:
    lines = content.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    change = chance.randrange(4)
    if change == 0:
        del lines[at]
    elif change == 1:
        lines.insert(other, lines[at])
    elif change == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, "," * chance.randint(0, 40))
    return "\n".join(lines)


def _signs(content: str, chance: random.Random) -> str:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(CELLS) + content[at:]


def _cut(content: str, chance: random.Random) -> str:
    return content[: chance.randrange(len(content) + 1)]


def _everywhere(content: str, chance: random.Random) -> str:
    old = chance.choice([",", "\n", ";", '"', ".", "0", "1", "\n\n", ": ", "Pakistan", "China"])
    new = chance.choice([",", ";", "\t", "\r", "\r\n", "", '"', "\0", *CELLS[:12]])
    return content.replace(old, new, chance.choice([1, -1]))


_OF_TEXT = (_cell, _cell, _cell, _digit, _digit, _lines, _signs, _cut, _everywhere)


def _value(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    if content.empty or not len(content.columns):
        return content
    changed = content.astype(object)
    column, row = chance.randrange(len(content.columns)), chance.randrange(len(content))
    changed.iloc[row, column] = chance.choice(VALUES)
    return changed.infer_objects()


def _whole_column(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    if not len(content.columns):
        return content
    name = chance.choice(list(content.columns))
    return content.assign(**{name: chance.choice(VALUES)})


def _drop_column(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    if len(content.columns) < 2:
        return content
    return content.drop(columns=chance.choice(list(content.columns)))


def _repeat(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    return pd.concat([content] * chance.randint(1, 3), ignore_index=True)


def _no_rows(content: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    return content.head(0 if chance.random() < 0.3 else 1)


_OF_TABLE = (_value, _value, _value, _whole_column, _drop_column, _repeat, _no_rows)
