"""What the Makefile needs before there is an environment; runs on any Python 3, and nothing else.

    set_up.py uv FOLDER    put the pinned uv into FOLDER
    set_up.py settings     print, for a shell, what uv is to know of pip's settings

Where packages come from and whom to trust is taken from pip's settings (an index of one's own, its
certificates). Where pip puts packages (`user`, `prefix`, `target`) must not reach the set-up.
"""

import configparser
import contextlib
import os
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

#: where systems keep the certificates that they trust, apart from where Python looks
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
#: options of pip that say where from, and how uv's variables call them
SOURCES = {"index-url": "UV_DEFAULT_INDEX", "trusted-host": "UV_INSECURE_HOST"}


def pip_files() -> list[Path]:
    """Where pip looks for its settings, the file that counts most last."""
    home, xdg = Path.home(), os.environ.get("XDG_CONFIG_HOME")
    everybody = [Path(d, "pip") for d in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    folders = [*everybody, Path("/etc"), home / ".pip", Path(xdg or home / ".config", "pip")]
    folders += [home / "Library" / "Application Support" / "pip", Path(sys.prefix)]
    folders += [Path(os.environ[name], "pip") for name in ("APPDATA",) if name in os.environ]
    own = os.environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    found = [folder / name for folder in folders for name in ("pip.conf", "pip.ini")]
    return [*found, Path(own)] if own else found


def pip_settings() -> dict[str, str]:
    """Give the settings of the user's pip by option; those of the environment come first."""
    told = configparser.RawConfigParser(strict=False)
    for file in pip_files():
        with contextlib.suppress(OSError, ValueError, configparser.Error):
            told.read_string(file.read_text("utf-8"))
    sections = [dict(told[name]) for name in ("global", "install") if name in told]
    prefix = "PIP_"
    environment = {
        name[len(prefix) :].lower(): value
        for name, value in os.environ.items()
        if name.startswith(prefix)
    }
    found = {}
    for settings in [*sections, environment]:
        found.update((name.replace("_", "-"), value) for name, value in settings.items())
    return found


def certificates(settings: dict[str, str]) -> str:
    """File of the certificates to trust: pip's, else the system's; empty if none is found."""
    places = (settings.get("cert"), ssl.get_default_verify_paths().cafile, *BUNDLES)
    return next((place for place in places if place and Path(place).is_file()), "")


def for_uv() -> dict[str, str]:
    """Variables that make uv fetch as pip would; what is set already stays."""
    settings = pip_settings()
    wanted = {name: settings[option] for option, name in SOURCES.items() if option in settings}
    if proxy := settings.get("proxy"):
        wanted |= {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
    if "cert" in settings:
        wanted["SSL_CERT_FILE"] = settings["cert"]
    # the system's certificates, by both names that uv has had for it
    wanted |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    return {name: value for name, value in wanted.items() if name not in os.environ}


def fetch(python: str, *where: str) -> None:
    """Install the pinned uv with a pip that has no settings but where to fetch from."""
    settings = pip_settings()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env["PIP_CONFIG_FILE"] = os.devnull
    options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--no-user"]
    for option in (
        "index-url",
        "extra-index-url",
        "find-links",
        "trusted-host",
        "proxy",
        "timeout",
    ):
        for value in settings.get(option, settings.get(f"default-{option}", "")).split():
            options += [f"--{option}", value]
    if bundle := certificates(settings):
        options += ["--cert", bundle]
    command = [python, "-m", "pip", "install", *options, *where, "--require-hashes"]
    subprocess.run([*command, "-r", "requirements/uv.txt"], env=env, check=True)


def get_uv(folder: Path) -> None:
    """Put uv into a folder, whole or not at all, with a pip of its own or the one beside Python."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        made = Path(aside, "venv")
        venv = [sys.executable, "-m", "venv", str(made)]
        if subprocess.run(venv, capture_output=True).returncode == 0:
            bin_ = made / ("Scripts" if os.name == "nt" else "bin")
            fetch(str(bin_ / "python"))
        elif (
            subprocess.run(
                [sys.executable, "-m", "pip", "--version"], capture_output=True
            ).returncode
            == 0
        ):
            made = Path(aside, "target")
            fetch(sys.executable, "--target", str(made))
            bin_ = made / "bin"
        else:
            sys.exit(
                f"{sys.executable} has neither a working venv module nor pip.\n"
                "On Debian and Ubuntu: sudo apt-get install python3-venv. Elsewhere: install uv."
            )
        ready = Path(aside, "ready", "bin")
        ready.mkdir(parents=True)
        for program in bin_.glob("uv*"):
            shutil.copy(program, ready)  # with a date of now, for make compares them
        shutil.rmtree(folder, ignore_errors=True)
        ready.parent.rename(folder)


if __name__ == "__main__":
    if sys.argv[1:] == ["settings"]:
        for name, value in for_uv().items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    elif len(sys.argv) == 3 and sys.argv[1] == "uv":
        sys.stdout.write("Fetching uv, which sets up .venv ...\n")
        sys.stdout.flush()
        try:
            get_uv(Path(sys.argv[2]))
        except subprocess.CalledProcessError:
            sys.exit("uv could not be fetched: see above. Mend that, or install uv yourself.")
    else:
        sys.exit(__doc__)
