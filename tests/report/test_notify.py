import json
import logging
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from test_site import SCRIPT, measured, partner, put
from toys import toys  # noqa: F401

from analysis import cli
from analysis.errors import ParameterError
from analysis.report.site import logs, notify

pytestmark = pytest.mark.usefixtures("toys")


class Inbox(HTTPServer):
    """A server that keeps what is posted to it."""

    def __init__(self):
        self.letters, self.status = [], 200
        super().__init__(("127.0.0.1", 0), self.Answer)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.letters.append(json.loads(content))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    @property
    def address(self) -> str:
        return f"json://user:secret@127.0.0.1:{self.server_port}/hook"


@pytest.fixture
def inbox(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    server = Inbox()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return lambda *arguments: cli.main(["report", *arguments])


@pytest.mark.slow
def test_failures_are_told(run, inbox, capsys):
    assert run("IND", "PAK", "--notebook", "picky", "--notify", inbox.address) == 1
    [letter] = inbox.letters
    assert letter["title"] == "Military partnerships: 1 report failed"
    assert letter["message"].startswith("Failed: IND picky: cell 3: LookupError: nothing on IND.")
    assert "secret" not in "".join(capsys.readouterr())


def test_changes_are_told_and_silence_means_that_all_is_as_it_was(run, inbox, tmp_path):
    before = notify.known(tmp_path)
    put(tmp_path, headline=measured(2010, 4.0, 3, 5))
    assert notify.message(tmp_path, before=before, failures=[]) is None
    put(tmp_path, headline=measured(2010, 6.0, 3, 5), partners=partner("XXX", SCRIPT))
    told = notify.message(tmp_path, before=before, failures=[])
    assert notify.send(notify.service([inbox.address]), told)
    assert inbox.letters[0]["title"] == "Military partnerships: 1 report changed"
    assert inbox.letters[0]["message"] == (
        "Pakistan: Country profile\n- effective partners, joint exercises 2006–2010 (toy): 4 became"
        " 6, outside 3 to 5."
    )
    assert notify.message(tmp_path, before=notify.known(tmp_path), failures=[]) is None
    assert run("PAK", "--notebook", "shows", "--notify", inbox.address) == 0
    assert len(inbox.letters) == 1


def test_an_address_in_the_environment_is_told_as_well(run, inbox, monkeypatch):
    monkeypatch.setenv(notify.VARIABLE, f" {inbox.address}\n")
    assert run("IND", "--notebook", "picky") == 1
    assert len(inbox.letters) == 1


def test_an_address_that_cannot_be_reached_is_a_failure(run, inbox, capsys):
    inbox.status = 500
    assert run("IND", "--notebook", "picky", "--notify", inbox.address) == 1
    assert "--notify: not every address could be reached" in capsys.readouterr().err


def test_a_wrong_address_is_a_mistake_and_is_not_repeated(run, capsys, tmp_path):
    assert run("PAK", "--notebook", "shows", "--notify", "nothing://user:secret@host") == 2
    assert "address 1 is none that apprise knows" in (said := capsys.readouterr().err)
    assert "secret" not in said
    assert list(tmp_path.iterdir()) == []


def test_long_messages_are_cut_and_say_so(tmp_path):
    title, text = notify.message(tmp_path, before=set(), failures=[f"no {n}" for n in range(50)])
    assert title == "Military partnerships: 50 reports failed"
    assert text.count("Failed: ") == 20
    assert "And 30 more" in text


# --- the log file --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_log_has_what_was_said_with_the_time(run, tmp_path, capsys):
    for _ in range(2):
        assert run("IND", "PAK", "--notebook", "picky", "--log", "run.log") == 1
    lines = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert lines[:3] == lines[3:]
    time = "2023-11-14T22:13:20Z"
    assert lines[0] == f"{time} INFO reports/PAK/picky.html"
    assert lines[1].startswith(f"{time} ERROR IND picky: cell 3: LookupError: nothing on IND.")
    assert lines[2] == f"{time} ERROR 1 of 2 reports failed"
    assert str(tmp_path) not in repr(logging.getLogger(logs.NAME).handlers)


def test_a_message_cannot_forge_a_line(tmp_path):
    with logs.to_file(tmp_path / "log"):
        logging.getLogger(logs.NAME).error("one\n2023 INFO two\r\x1b[31mthree\u2028four")
    assert re.fullmatch(
        r"\S+ ERROR one \| 2023 INFO two \| \\u001b\[31mthree \| four\n",
        (tmp_path / "log").read_text("utf-8"),
    )


def test_a_log_that_cannot_be_written_is_a_mistake(tmp_path):
    with pytest.raises(ParameterError, match=r"--log .*cannot write there"), logs.to_file(tmp_path):
        pass
