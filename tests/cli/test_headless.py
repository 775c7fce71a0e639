"""Everything headless, against the lab, over its real SSH."""

import json
import stat
from pathlib import Path

import pytest

from splittui.lab.lab import Lab
from tests.cli.conftest import Run, read_in_part
from tests.far_end import attributes, change, remove

LMTP = "lmtp:zimbra.example.com:7025"
SMTP = "smtp:mail.example.com:25"
PEOPLE = ("anna", "bert", "cora")


def homes(run: Run, *addresses: str) -> dict[str, str]:
    return {person["address"]: person["home"] for person in run("list", "--json", *addresses).json}


def test_list_shows_everybody_with_home_and_reason(run: Run) -> None:
    said = run("list", "--json")
    assert said.code == 0
    people = {person["address"]: person for person in said.json}
    assert set(people["bar@example.com"]) == {"address", "name", "kind", "home", "state", "reason", "zimbra", "legacy"}
    assert people["dave@example.com"]["zimbra"] is None
    assert people["foo@example.com"]["legacy"] is None
    shown = {name: people[f"{name}@example.com"] for name in ("foo", "bar", "hugo", "loop", "other", "shout", "twin")}
    assert {name: (person["home"], person["state"]) for name, person in shown.items()} == {
        "foo": ("zimbra", ""),
        "bar": ("legacy", ""),
        "hugo": ("legacy", "no host"),
        "loop": ("nowhere", "loops"),
        "other": ("odd", "other host"),
        "shout": ("legacy", "odd transport"),
        "twin": ("both", "old box"),
    }
    assert shown["bar"]["reason"] == "legacy, by the placeholder's transport smtp:mail.example.com:25"


def test_list_as_a_table_shows_no_control_characters(run: Run) -> None:
    said = run("list")
    assert "\x1b" not in said.out
    assert "\x9b" not in said.out
    assert "bar@example.com" in said.out
    assert run("list", "nobody@example.com").code == 1


def test_a_plan_says_what_is_pending_and_hides_the_password(run: Run) -> None:
    said = run("plan", "move", "bar@example.com", "dave@example.com", "--to", "zimbra", "--json")
    assert said.code == 2
    assert {"fingerprint", "steps", "findings"} <= set(said.json)
    change = said.json["steps"][0]["changes"][0]
    assert {"entry", "attribute", "before", "after"} <= set(change)
    [create] = [step["command"] for step in said.json["steps"] if step["command"].startswith("ca ")]
    assert create.startswith("ca dave@example.com ******** zimbraMailTransport")


def test_there_and_back(run: Run, lab: Lab) -> None:
    moved = run("move", "bar@example.com", "bell@example.com", "dave@example.com", "--to", "zimbra", "--yes", "--json")
    assert moved.code == 0, moved.err
    assert moved.json["clean"]
    # The lab's existing system goes on to keep what its own users send.
    assert set(homes(run, "bar@example.com", "bell@example.com", "dave@example.com").values()) == {"both"}
    assert attributes(lab.home.path, "bar@example.com")["zimbraMailTransport"] == [LMTP]
    assert run("move", "bar@example.com", "--to", "zimbra", "--yes").code == 0
    back = run("move", "bar@example.com", "--to", "legacy", "--yes")
    assert back.code == 0
    assert attributes(lab.home.path, "bar@example.com")["zimbraMailTransport"] == [SMTP]
    assert homes(run, "bar@example.com") == {"bar@example.com": "legacy"}


def test_a_plan_in_a_file(run: Run, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "bob.plan"
    assert run("plan", "move", "bob@example.com", "--to", "zimbra", "--out", file).code == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = run("plan", "move", "bob@example.com", "--to", "zimbra", "--out", file)
    assert (again.code, "never written over" in again.err) == (1, True)
    assert run("apply", file).code == 3
    assert run("apply", file, "--yes").code == 0
    used = run("apply", file, "--yes", "--json")
    assert (used.code, "The plan was used already, by run" in used.err) == (3, True)
    data = json.loads(file.read_text())
    data["steps"][0]["command"] = data["steps"][0]["command"].replace("bob@", "admin@")
    file.write_text(json.dumps(data))
    tampered = run("apply", file, "--yes")
    assert (tampered.code, "changed after it was made" in tampered.err) == (3, True)


def test_what_changed_since_the_plan_is_left_alone(run: Run, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "two.plan"
    wanted = [person["address"] for person in run("list", "--json", "--home", "legacy").json if person["zimbra"]]
    people = [address for address in wanted if not address.startswith(("bar@", "bell@", "bob@"))][:3]
    assert run("plan", "move", *people, "--to", "zimbra", "--out", file).code == 2
    change(lab.home.path, people[0], zimbraMailTransport="smtp:elsewhere.example.com")
    remove(lab.home.path, people[1])
    said = run("apply", file, "--yes", "--json")
    assert said.code == 1
    assert [item["outcome"] for item in said.json["outcomes"]] == ["conflict", "conflict", "done", "done"]
    assert "instead of smtp:" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("move", "galsync.lab@example.com", "--to", "legacy", "--yes"), 3, "system account"),
        (("move", "team@example.com", "--to", "legacy", "--yes"), 3, "distribution list"),
        (("move", "closed@example.com", "--to", "legacy", "--yes"), 3, "closed"),
        (("move", "admin@example.com", "--to", "legacy", "--yes"), 3, "no mailbox"),
        (("move", "nobody@example.com", "--to", "zimbra", "--yes"), 3, "not known"),
        (("move", "no address", "--to", "zimbra", "--yes"), 1, "name@domain"),
        (("apply", "/nonexistent/plan"), 3, "/nonexistent/plan"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], code: int, word: str) -> None:
    said = run(*arguments)
    assert said.code == code
    assert word in said.err


def test_a_partial_reading_makes_no_plan(run: Run, lab: Lab) -> None:
    with read_in_part(lab):
        listed = run("list", "--json")
        assert (listed.code, "size limit" in listed.err) == (1, True)
        planned = run("plan", "move", "bar@example.com", "--to", "zimbra")
        assert (planned.code, "size limit" in planned.err) == (3, True)


def test_unreachable(run: Run, lab: Lab, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from splittui.cli.main import main

    config = tmp_path / "splittui.toml"
    config.write_text(lab.config.read_text().replace(f"port = {lab.address.port}", "port = 1"))
    assert main(["--config", str(config), "list"]) == 4
    assert "cannot be reached" in capfd.readouterr().err


def test_an_unknown_host_key_is_refused_until_its_fingerprint_is_named(lab: Lab, tmp_path: Path, capfd) -> None:
    from splittui.cli.main import main

    config, own = tmp_path / "splittui.toml", tmp_path / "known_hosts"
    config.write_text(lab.config.read_text().replace(str(lab.address.known_hosts), str(own)))
    assert main(["--config", str(config), "list"]) == 4
    said = capfd.readouterr().err
    fingerprint = said.rpartition("splittui trust ")[2].strip()
    assert fingerprint.startswith("SHA256:")
    assert main(["--config", str(config), "trust", fingerprint[:-1] + "x"]) == 4
    assert not own.exists()
    assert main(["--config", str(config), "trust", fingerprint]) == 0
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert main(["--config", str(config), "trust", fingerprint]) == 0
    assert "known already" in capfd.readouterr().err
    assert main(["--config", str(config), "list"]) == 0


def test_a_broken_profile_names_file_and_key(tmp_path: Path, capfd) -> None:
    from splittui.cli.main import main

    config = tmp_path / "splittui.toml"
    config.write_text('[profile.x]\ndomian = "example.com"\n')
    assert main(["--config", str(config), "list"]) == 1
    assert "did you mean 'domain'" in capfd.readouterr().err


def test_a_plan_with_an_error_needs_the_domains_name(run: Run, lab: Lab) -> None:
    pair = ["zimbraMailCatchAllAddress", "zimbraMailCatchAllForwardingAddress"]
    with lab.home.directory() as directory:
        before = directory.entry("dc=example,dc=com")
        directory.replace("dc=example,dc=com", {**before, **{name: ["@example.com"] for name in pair}})
    try:
        said = run("move", "twin@example.com", "--to", "legacy", "--yes")
        assert (said.code, "--override example.com" in said.err) == (3, True)
        assert run("move", "twin@example.com", "--to", "legacy", "--yes", "--override", "example.org").code == 3
        assert attributes(lab.home.path, "twin@example.com")["zimbraMailTransport"] == [LMTP]
    finally:
        with lab.home.directory() as directory:
            directory.replace("dc=example,dc=com", before)


@pytest.mark.parametrize("arguments", [("bogus",), ("move", "bar@example.com"), ("lab", "--accounts", "0"), ("plan",)])
def test_wrong_usage_is_no_pending_difference(run: Run, capfd, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 1
    assert "usage:" in capfd.readouterr().err


def test_a_plan_that_would_lose_mail_by_now_is_refused(run: Run, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "twin.plan"
    assert run("plan", "move", "twin@example.com", "--to", "legacy", "--out", file).code == 2
    before = lab.legacy_csv.read_text(encoding="utf-8")
    rows = [line for line in before.splitlines(keepends=True) if not line.startswith("twin@")]
    lab.legacy_csv.write_text("".join(rows), encoding="utf-8")
    try:
        said = run("apply", file, "--yes")
        assert (said.code, "mail would" in said.err) == (3, True)
        assert attributes(lab.home.path, "twin@example.com")["zimbraMailTransport"] == [LMTP]
    finally:
        lab.legacy_csv.write_text(before, encoding="utf-8")
