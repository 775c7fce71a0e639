"""Letters to those who were moved: every one is whole, and nothing in a name is more than a name."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from splittui.model.entries import Domain
from splittui.model.text import clean
from splittui.planning.setup.letters import (
    FIELDS,
    MARKDOWN,
    Letter,
    TemplateError,
    as_markdown,
    as_text,
    asks_outside,
    check,
    letter,
    web_address,
)

BAR = "bar@example.com"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = (
    "**bold** _it_ `code` ~~gone~~",
    "[click](https://evil.example/)",
    "![x](x.png)",
    "<b>&lt;&amp;</b>",
    "# heading",
    "- item",
    "+ item",
    "12. item",
    "3) item",
    "===",
    "---",
    "> quoted",
    "    code",
    "\tcode",
    "~~~",
    "```",
    "a|b",
    "back\\",
    "${password} $address $$ $",
    "two\nlines\r\n\n# and a heading",
    "turned\u202e\u200bround",
    "\x1b[2J",
)
names = st.one_of(
    st.sampled_from(NASTY), st.text(min_size=1), st.text("$ {}name*_`#-+=.1)>[]()!&;<\\~|\n\t", min_size=1)
)


def to(name: str = "Bar Bell", address: str = BAR, **more: str) -> Letter:
    values = letter(
        address, name, domain="example.com", zimbra="zimbra.example.com", legacy="mail.example.com", when="2026-03-20"
    )
    return replace(values, **more)


def shown(markdown: str) -> tuple[list[str], list[str]]:
    """What kinds of things a reader of Markdown sees in it, and what text."""
    kinds: list[str] = []
    texts: list[str] = []
    for token in READER.parse(markdown):
        kinds.append(token.type)
        for child in token.children or ():
            kinds.append(child.type)
            texts.append(child.content)
    return kinds, texts


@pytest.mark.parametrize("write", [as_markdown, as_text])
@given(name=names)
def test_every_letter_tells_what_is_new(write, name: str) -> None:
    told = write(MARKDOWN, to(name))
    assert "\n- Incoming mail (IMAP): zimbra.example.com, port 993, SSL/TLS\n" in told
    for text in (BAR, "2026-03-20", "port 995", "port 587", "https://zimbra.example.com/", "mail.example.com"):
        assert text in told
    assert told.count("\n") == as_text(MARKDOWN, to()).count("\n") - (write is as_markdown)


@given(name=names, before=st.sampled_from(("", "Dear ")), after=st.sampled_from(("", ", hello", " x")))
def test_a_name_is_only_a_name_in_markdown(name: str, before: str, after: str) -> None:
    values = to(name)
    kinds, texts = shown(as_markdown(f"{before}${{name}}{after}", values))
    assert set(kinds) <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    assert "".join(texts) == f"{before}{clean(values.name).strip()}{after}".strip()


@given(name=names)
def test_a_name_behind_a_paragraph_makes_no_heading_of_it(name: str) -> None:
    kinds, _ = shown(as_markdown("Hello\n${name}", to(name)))
    assert set(kinds) <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "softbreak"}


@given(name=names)
def test_a_name_is_only_a_name_in_text(name: str) -> None:
    values = to(name)
    line = clean(values.name).strip()
    assert as_text("${name}\n# $name", values) == f"{line}\n{line}\n{'=' * len(line)}"
    assert as_text("**$name**", values) == line


@given(values=st.fixed_dictionaries(dict.fromkeys(FIELDS, names)))
def test_no_field_fills_in_another(values: dict[str, str]) -> None:
    made = Letter(**values)
    lines = as_text("\n".join(f"{field}=${field}" for field in FIELDS), made).split("\n")
    assert lines == [f"{field}={clean(value).strip()}" for field, value in asdict(made).items()]


@given(local=st.text("abc_*`#'{}|~$&!-", min_size=1))
def test_an_address_is_only_an_address(local: str) -> None:
    address = f"{local}@example.com"
    kinds, texts = shown(as_markdown("$address", to(address=address)))
    assert set(kinds) <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    assert "".join(texts) == address


def test_who_has_no_name_is_called_by_the_address() -> None:
    assert f"Dear {BAR},\n" in as_text(MARKDOWN, to(" \t"))


def test_the_text_has_no_marks_left() -> None:
    told = as_text(MARKDOWN, to("Bar *Bell*"))
    assert told.startswith("Your mailbox has moved\n======================\n\nDear Bar *Bell*,\n")
    assert f"your mailbox {BAR} is on" in told
    assert as_text("$name**x** and `$$`{name}", to("Bar")) == "Barx and ${name}"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Dear ${nam},", "line 1: there is no field ${nam}. The fields are ${name}, ${address}, "),
        ("one\n\nthree $Name", "line 3: there is no field $Name."),
        ("one\nit costs 5 $", "line 2: a dollar sign that begins no field: one that stands for itself is written $$."),
        ("${name.__class__}", "line 1: a dollar sign that begins no field"),
        ("# $x\n", "line 1: there is no field $x."),
        (" \n", "it is empty"),
    ],
)
def test_a_broken_template_says_where(template: str, said: str) -> None:
    for use in (check, lambda text: as_text(text, to()), lambda text: as_markdown(text, to())):
        with pytest.raises(TemplateError) as caught:
            use(template)
        assert str(caught.value).startswith(said)


@given(template=st.text("$ {}name*_`#x\n"))
def test_a_template_that_passes_can_be_filled_in(template: str) -> None:
    try:
        check(template)
    except TemplateError:
        return
    as_text(template, to())
    as_markdown(template, to())


@pytest.mark.parametrize(
    ("host", "protocol", "port", "web"),
    [
        ("", "http", "80", "https://zimbra.example.com/"),
        ("webmail.example.com", "", "", "https://webmail.example.com/"),
        ("webmail.example.com", "https", "443", "https://webmail.example.com/"),
        ("webmail.example.com", "https", "8443", "https://webmail.example.com:8443/"),
        ("webmail.example.com", "http", "80", "http://webmail.example.com/"),
    ],
)
def test_the_web_address_is_the_public_one(host: str, protocol: str, port: str, web: str) -> None:
    given = {
        "zimbraPublicServiceHostname": host,
        "zimbraPublicServiceProtocol": protocol,
        "zimbraPublicServicePort": port,
    }
    domain = Domain("example.com", attributes={name: (value,) for name, value in given.items() if value})
    assert web_address(domain, "zimbra.example.com") == web


@pytest.mark.parametrize(
    ("mechanism", "outside"), [("", False), ("zimbra", False), ("ldap", True), ("ad", True), ("custom:sso", True)]
)
def test_who_is_asked_for_passwords_decides_what_is_said_of_them(mechanism: str, outside: bool) -> None:
    domain = Domain("example.com", attributes={"zimbraAuthMech": (mechanism,)} if mechanism else {})
    assert asks_outside(domain) is outside
    told = letter(BAR, "", domain="example.com", zimbra="z", legacy="l", when="now", outside=asks_outside(domain))
    assert told.password == ("the one you have" if outside else "the one you were given")
