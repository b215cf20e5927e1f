"""Commands about brokers: make the configuration of one, keep all of them in step with enrolment, say how they are."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import threading
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Account, Broker, Config
from calltime_server.jobs import broker_files
from calltime_server.jobs.broker_control import ControlTrouble, connected
from calltime_server.jobs.broker_files import ACCOUNTS, Certificate, Listening
from calltime_server.jobs.broker_keeping import Keeper, changes
from calltime_server.store.broker_passwords import LetIn, read_let_in
from calltime_server.store.connection import connect

PLUGIN = "mosquitto_dynamic_security.so"
CHAIN, KEY = "fullchain.pem", "privkey.pem"
"""As certbot names them."""

NO_ACCOUNT = (
    "The office has no account at the brokers. Set CALLTIME_BROKER_ADMIN_PASSWORD_FILE to the file passwords/office/password "
    "that calltime-server broker config has made."
)


def make_config(config: Config, arguments: Namespace) -> None:
    """Write everything that a Mosquitto needs into a folder; what the broker itself keeps there is left alone."""
    folder = arguments.folder.resolve()
    listening = _listening(arguments)
    plugin = arguments.plugin or _find_plugin()
    with connect(config.database) as connection:
        doors = read_let_in(connection)
    try:
        passwords = _passwords((arguments.passwords or folder / "passwords").resolve())
        (folder / "data").mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # the broker gives up root before it reads: it must get in, whatever the umask here
        _write_openly(folder / "mosquitto.conf", broker_files.settings(folder, plugin, listening))
        _write_openly(folder / "acl", broker_files.RULES)
        _write_first_state(folder, passwords, doors, anew=arguments.anew)
    except OSError as error:
        raise Refusal(
            f"{error.filename} cannot be used: {error.strerror}. Give it to the user who runs this, or name another folder."
        ) from error
    say(f"\nStart the broker with: mosquitto -c {folder}/mosquitto.conf")


def _listening(arguments: Namespace) -> Listening:
    certificate = None
    if arguments.certificates is not None:
        files = Certificate(chain=arguments.certificates.resolve() / CHAIN, key=arguments.certificates.resolve() / KEY)
        if files.chain.exists() and files.key.exists():
            certificate = files
            say(f"Encrypted: port {arguments.port} for doors, port {arguments.websockets_port} for phones, certificate {files.chain}.")
        else:
            say(f"Not encrypted: {CHAIN} and {KEY} are not both in {arguments.certificates}. Put them there and run this again.")
    if arguments.plain is not None:
        say(f"Not encrypted: port {arguments.plain_port} of {arguments.plain}. Let nobody reach it from a network that is not yours alone.")
    if certificate is None and arguments.plain is None:
        raise Refusal(
            f"The broker would listen nowhere. Name a folder that holds {CHAIN} and {KEY} with --certificates, "
            "or an address for a listener without encryption with --plain 127.0.0.1."
        )
    return Listening(
        certificate=certificate,
        plain=arguments.plain,
        port=arguments.port,
        websockets_port=arguments.websockets_port,
        plain_port=arguments.plain_port,
    )


def _find_plugin() -> Path:
    # Debian's package, then the image eclipse-mosquitto.
    found = [*sorted(Path("/usr/lib").glob(f"*-linux-gnu*/{PLUGIN}")), Path("/usr/lib") / PLUGIN]
    for file in found:
        if file.exists():
            return file
    raise Refusal(
        f"No {PLUGIN} is on this machine. Install Mosquitto, or say where the broker's machine has it: --plugin /usr/lib/{PLUGIN} "
        "for the image eclipse-mosquitto."
    )


def _passwords(folder: Path) -> dict[str, str]:
    """Read the accounts' passwords, and make those that are not there. All brokers have the same: a second one is made from them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {name: folder / name / "password" for name in ACCOUNTS}  # folders, so that each program can be given its own and no other
    for file in files.values():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        if not file.exists():
            _write_secretly(file, f"{secrets.token_urlsafe(24)}\n")
    say(f"Passwords of {', '.join(ACCOUNTS)}: in {folder}")
    return {name: file.read_text(encoding="utf-8").strip() for name, file in files.items()}


def _write_first_state(folder: Path, passwords: Mapping[str, str], doors: LetIn, *, anew: bool) -> None:
    state = folder / "data" / "dynamic-security.json"
    if state.exists() and not anew:
        say(f"Whom the broker lets in stands in {state} already, and is left alone. With --anew, while it is down, it is written again.")
        return
    _write_secretly(state, broker_files.first_state(passwords, doors))
    if os.geteuid() == 0:
        for path in (state.parent, state):
            try:
                shutil.chown(path, "mosquitto")
            except LookupError:
                say("! There is no user mosquitto here. The broker must be able to write into the folder data: give it to its user.")
                break
    say(f"The broker lets in {', '.join(ACCOUNTS)} and {len(doors)} doors.")


def _write_openly(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)


def _write_secretly(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def keep(config: Config, _arguments: Namespace) -> None:
    """Keep all brokers in step until stopped."""
    account = _account(config)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    keeper = Keeper(config.brokers, account, config.database)
    keeper.start()
    stop.wait()
    keeper.stop()


def status(config: Config, _arguments: Namespace) -> None:
    """Say of each broker whether it can be reached, whether it lets in the doors that it should, and who else has an account."""
    account = _account(config)
    with connect(config.database) as connection:
        wanted = read_let_in(connection)
    found = [_look(broker, account, wanted) for broker in config.brokers]
    table(["BROKER", "REACHED", "DOORS", "IN STEP", "OTHER ACCOUNTS"], [row for row, _ in found])
    trouble = [says for _, says in found if says]
    if trouble:
        raise Refusal("\n".join(trouble))


def _look(broker: Broker, account: Account, wanted: LetIn) -> tuple[tuple[str, ...], str | None]:
    try:
        with connected(broker, account) as desk:
            known = desk.accounts()
    except ControlTrouble as error:
        return (str(broker), "no", "", "", ""), str(error)
    there = {name: note for name, note in known.items() if name.startswith("d_")}
    others = ", ".join(sorted(known.keys() - there.keys() - {*ACCOUNTS, account.user}))
    ahead = len(changes(there, wanted))
    if not ahead:
        return (str(broker), "yes", str(len(there)), "yes", others), None
    says = f"The broker {broker} is {ahead} changes behind. calltime-server serve, or broker keep, brings it in step while it runs."
    return (str(broker), "yes", str(len(there)), f"no, {ahead} changes behind", others), says


def _account(config: Config) -> Account:
    if config.account is None:
        raise Refusal(NO_ACCOUNT)
    return config.account
