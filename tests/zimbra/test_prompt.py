"""Cutting replies: at the prompt and nowhere else, however the stream is chopped up."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.zimbra.zmprov.prompt import PromptReader

FENCE = "fence-0123456789abcdef-1.invalid"
REFUSAL = f"ERROR: account.NO_SUCH_DOMAIN (no such domain: {FENCE})\n".encode()
HOSTILE = [
    b"# name a@example.com\nzimbraMailTransport: smtp:x\n\n",
    b"# name a@example.com\ndescription: one\nprov> two\n\nprov> prov> \n# name x\n\n",
    b"description: prov> \n\n",
    b"\r\nprov> \r\n",
    b"ERROR: account.NO_SUCH_DOMAIN (no such domain: fence-00.invalid)\nprov> ",
    b"2026-11-22 08:59:15,430 [main] WARN : prov> \n",
    b"",
]


def chop(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


@given(
    st.sampled_from(HOSTILE) | st.binary(max_size=60).filter(lambda b: FENCE.encode() not in b),
    st.lists(st.integers(0, 400)),
)
def test_a_reply_is_what_stands_before_the_fence(reply: bytes, cuts: list[int]) -> None:
    reader = PromptReader()
    taken = []
    for chunk in chop(reply + b"prov> " + REFUSAL + b"prov> ", cuts):
        reader.feed(chunk)
        got = reader.take_to_fence(FENCE)
        if got is not None:
            taken.append(got)
    assert taken == [reply]
    assert reader.pending == b""


@given(st.lists(st.integers(0, 400)))
def test_the_line_editors_echo_stands_in_the_reply(cuts: list[int]) -> None:
    echo = b"ga a@example.com zimbraId\n"
    stream = echo + HOSTILE[0] + b"prov> gd " + FENCE.encode() + b"\n" + REFUSAL + b"prov> "
    reader = PromptReader()
    for chunk in chop(stream, cuts):
        reader.feed(chunk)
    assert reader.take_to_fence(FENCE) == echo + HOSTILE[0]


def test_noise_before_the_fences_refusal_belongs_to_the_fence() -> None:
    reader = PromptReader()
    reader.feed(b"prov> 2026-11-22 08:59:15,430 [main] WARN : slow\n" + REFUSAL + b"prov> ")
    assert reader.take_to_fence(FENCE) == b""


@pytest.mark.parametrize("greeting", [b"", b"Unable to determine platform because x does not exist.\n"])
@given(cuts=st.lists(st.integers(0, 100)))
def test_the_greeting_ends_at_the_first_prompt_at_the_start_of_a_line(greeting: bytes, cuts: list[int]) -> None:
    reader = PromptReader()
    seen = []
    for chunk in chop(b"x prov> y\n" + greeting + b"prov> ", cuts):
        reader.feed(chunk)
        got = reader.take_to_prompt()
        if got is not None:
            seen.append(got)
    assert seen == [b"x prov> y\n" + greeting]


RECORDED = sorted((Path(__file__).parent.parent / "data" / "transcripts").glob("*_file.json"))


def recorded_streams() -> list[bytes]:
    """What the real zmprov printed to 2>&1, batch by batch."""
    scenes = [json.loads(file.read_text(encoding="utf-8")) for file in RECORDED]
    return [
        record["merged"].encode() for scene in scenes for record in scene["records"] if "prov> " in record["merged"]
    ]


def records(stream: bytes, cuts: list[int]) -> list[bytes]:
    reader, found = PromptReader(), []
    for chunk in chop(stream, cuts):
        reader.feed(chunk)
        while (record := reader.take_to_prompt()) is not None:
            found.append(record)
    return [*found, reader.pending]


@given(st.sampled_from(recorded_streams()), st.lists(st.integers(0, 100_000), max_size=30))
def test_recorded_sessions_give_the_same_replies_in_any_chunks(stream: bytes, cuts: list[int]) -> None:
    whole = records(stream, [])
    assert records(stream, cuts) == whole
    assert len(whole) > 3
    assert b"prov> ".join(whole) == stream
