"""Replies: attributes are believed only where there is one way to read them; every error has its type."""

import pytest

from splittui.zimbra.zmprov import errors
from splittui.zimbra.zmprov.reply import (
    Entry,
    UnreadableReply,
    parse_entry,
    parse_list,
    parse_names,
    parse_values,
    raise_for_error,
)

ASKED = ("zimbraAccountStatus", "zimbraId", "zimbraMailHost", "zimbraMailTransport")


def test_an_entry() -> None:
    text = "# name a@example.com\nzimbraId: 1\nzimbraMailTransport: smtp:mail.example.com:25\n\n"
    assert parse_entry(text, ASKED) == Entry(
        "a@example.com", {"zimbraId": ("1",), "zimbraMailTransport": ("smtp:mail.example.com:25",)}
    )


def test_nothing_set_and_many_values() -> None:
    assert parse_entry("# name a@example.com\n\n", ASKED).attributes == {}
    text = "# name a@example.com\nzimbraMailAlias: c@x\nzimbraMailAlias: b@x\n\n"
    assert parse_entry(text, ("zimbraMailAlias",)).attributes == {"zimbraMailAlias": ("c@x", "b@x")}


@pytest.mark.parametrize(
    "forged",
    [
        "zimbraMailTransport: smtp:x\nzimbraMailHost: evil\n",
        "zimbraMailTransport: smtp:x\n\n# name b@example.com\n",
        "zimbraMailTransport: smtp:x\nmore\n",
        "zimbraMailTransport: smtp:x\nother: y\n",
        "zimbraMailTransport: smtp:x\r\ny\n",
    ],
)
def test_a_value_that_imitates_structure_is_not_believed(forged: str) -> None:
    with pytest.raises(UnreadableReply):
        parse_entry(f"# name a@example.com\n{forged}\n", ASKED)


def test_noise_is_left_out() -> None:
    text = (
        "2026-11-22 08:59:15,255 [main] WARN : checkValue: no attribute info for: x\n"
        "Warn: attribute zimbraMtaDnsLookupsEnabled has been deprecated since 8.7.0_BETA2\n\n"
    )
    raise_for_error(text)
    assert parse_values(text + "zimbraMtaRelayHost: a:25\n", "zimbraMtaRelayHost") == ("a:25",)
    assert parse_values("", "zimbraMtaRelayHost") == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ERROR: account.NO_SUCH_ACCOUNT (no such account: x@example.com)\n", errors.NoSuchEntry),
        ("ERROR: account.NO_SUCH_DOMAIN (no such domain: x)\n", errors.NoSuchEntry),
        (
            "ERROR: account.ACCOUNT_EXISTS (email address already exists: x, at DN: uid=x) (cause: c.z.L e)\n",
            errors.AlreadyExists,
        ),
        ("ERROR: account.INVALID_ATTR_VALUE (zimbraHideInGal must be TRUE or FALSE)\n", errors.BadValue),
        ("ERROR: service.INVALID_REQUEST (invalid request: zimbraId is immutable)\n", errors.InvalidRequest),
        ("ERROR: service.PERM_DENIED (permission denied: x)\n", errors.PermissionDenied),
        (
            "ERROR: zclient.IO_ERROR (invoke Connection refused, server: localhost) (cause: java.net.X y)\n",
            errors.ServerUnavailable,
        ),
        ("ERROR: service.FAILURE (system failure: a\nb (c))\n", errors.CommandFailed),
        ("usage:  modifyAccount(ma) {name@domain|id} [attr1 value1]\n", errors.NotACommand),
        ("Unknown command. Type: 'help commands' for a list\n", errors.NotACommand),
        ("error: cannot replace multi-valued attr value unless -r is specified\n\n", errors.NotACommand),
        ("invalid arg\n", errors.NotACommand),
        ("2026-11-22 08:59:15,255 [main] WARN : x\nERROR: account.INVALID_ATTR_NAME (y)\n", errors.BadValue),
    ],
)
def test_every_error_has_its_type(text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        raise_for_error(text)
    assert "\n" not in str(caught.value)


def test_the_parts_of_an_error() -> None:
    with pytest.raises(errors.AlreadyExists) as caught:
        raise_for_error("ERROR: account.ACCOUNT_EXISTS (email (x) exists: a) (cause: com.zimbra.Y z (host))\n")
    assert (caught.value.code, caught.value.message) == ("account.ACCOUNT_EXISTS", "email (x) exists: a")
    assert caught.value.cause == "com.zimbra.Y z (host)"


def test_a_stored_value_that_looks_like_an_error_is_a_value() -> None:
    text = "# name a@example.com\ndescription: x\n\n"
    assert parse_entry(text.replace("x", "ERROR: a.B (c)"), ("description",)).attributes["description"] == (
        "ERROR: a.B (c)",
    )


def test_names() -> None:
    assert parse_names("a@x\nb@x\n") == ("a@x", "b@x")


def test_a_list_and_its_members() -> None:
    shown = "zimbraId: 1\nzimbraMailAlias: a@x.com\n\nmembers\nb@x.com\nc@x.com\n"
    entry, members = parse_list(
        f"# distributionList team@x.com memberCount=2\n{shown}", ("zimbraId", "zimbraMailAlias")
    )
    assert (entry.name, entry.attributes) == ("team@x.com", {"zimbraId": ("1",), "zimbraMailAlias": ("a@x.com",)})
    assert members == ("b@x.com", "c@x.com")
    assert parse_list("# distributionList t@x.com memberCount=0\n\nmembers\n", ("zimbraId",)) == (
        Entry("t@x.com", {}),
        (),
    )


@pytest.mark.parametrize(
    "text",
    [
        "# distributionList t@x.com memberCount=2\nzimbraId: 1\n\nmembers\na@x.com\n",
        "# distributionList t@x.com memberCount=1\nzimbraId: 1\n\na@x.com\n",
        "# distributionList t@x.com\nzimbraId: 1\n\nmembers\n",
        "# distributionList t@x.com memberCount=1\ncn: 1\n\nmembers\na@x.com\n",
        "# name t@x.com\nzimbraId: 1\n\n",
    ],
)
def test_a_list_that_does_not_add_up_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReply):
        parse_list(text, ("zimbraId",))
