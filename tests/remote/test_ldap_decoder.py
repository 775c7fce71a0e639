"""The fast decoder says what ldap3's own says of every entry, and never anything else than Garbled about nonsense."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ldap3.operation.search import search_result_entry_response_to_dict_fast
from ldap3.utils.asn1 import decode_message_fast

from splittui.remote.ldap.decoder import Attributes, EntryDecoder, Garbled, from_stock, size
from tests.remote.ldap_script import entry_message

NAMES = st.sampled_from(["mail", "Mail", "cn", "objectClass", "member;range=0-1499", "displayName;lang-de", "x" * 140])
VALUES = st.lists(st.binary(max_size=12) | st.binary(min_size=100, max_size=300), max_size=4)
ATTRIBUTES = st.lists(st.tuples(NAMES, VALUES), max_size=5, unique_by=lambda pair: pair[0].lower()).map(dict)
ENTRIES = st.tuples(st.binary(max_size=200), ATTRIBUTES)
Entry = tuple[bytes, dict[str, list[bytes]]]


def by_ldap3(data: bytes) -> Attributes:
    payload = decode_message_fast(data)["payload"]
    found = search_result_entry_response_to_dict_fast(payload, None, None, False)
    return from_stock(cast(bytes, found["raw_dn"]), cast(dict[str, list[bytes]], found["raw_attributes"]))


def taken(data: bytes, request: int = 7) -> list[Attributes]:
    entries: list[Attributes] = []
    assert EntryDecoder().take(data, 0, request, entries) == len(data)
    return entries


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=6), st.integers(0, 2**31 - 1))
@example([(b"dn", {"mail": [b"a"], "cn": []}), (b"dn", {"mail": [b"b"]}), (b"dn", {"mail": [b"c", b"d"]})], 1)
@example([(b"dn", {"cn": [b"a", b"b"]}), (b"dn", {"cn": [b"a", b"b"]}), (b"dn", {"cn": [b"a", b"bb"]})], 200)
@example([(b"dn", {"cn": [b"x" * length]}) for length in (1, 120, 121, 122, 123, 124, 130, 300)], 32768)
def test_it_reads_what_ldap3_reads(entries: list[Entry], request: int) -> None:
    messages = [entry_message(request, dn, values) for dn, values in entries]
    assert taken(b"".join(messages), request) == [by_ldap3(message) for message in messages]


def lengths_of_four_bytes(data: bytes) -> bytes:
    """The same element with lengths as Active Directory writes them."""
    body, at = b"", 0
    tag = data[0]
    start, length = size(data, 1)
    if tag in (0x30, 0x31, 0x64):
        at = start
        while at < start + length:
            inner, extent = size(data, at + 1)
            body += lengths_of_four_bytes(data[at : inner + extent])
            at = inner + extent
    else:
        body = data[start : start + length]
        if tag == 0x02:
            return data
    return bytes((tag, 0x84)) + len(body).to_bytes(4, "big") + body


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_long_lengths_are_the_same(entries: list[Entry]) -> None:
    messages = [entry_message(7, dn, values) for dn, values in entries]
    assert taken(b"".join(map(lengths_of_four_bytes, messages))) == taken(b"".join(messages))


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_what_is_cut_off_waits_for_the_rest(entries: list[Entry], data: st.DataObject) -> None:
    messages = [entry_message(7, dn, values) for dn, values in entries]
    whole = b"".join(messages)
    cut = data.draw(st.integers(0, len(whole) - 1))
    found: list[Attributes] = []
    at = EntryDecoder().take(whole[:cut], 0, 7, found)
    complete = [message for number, message in enumerate(messages) if sum(map(len, messages[: number + 1])) <= cut]
    assert at == sum(map(len, complete))
    assert found == [by_ldap3(message) for message in complete]


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_damage_is_noticed_or_read_as_ldap3_reads_it(entries: list[Entry], data: st.DataObject) -> None:
    """One byte is different; lengths and tags are the ones that matter."""
    messages = [entry_message(7, dn, values) for dn, values in entries]
    whole = bytearray(b"".join(messages))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found: list[Attributes] = []
    try:
        at = EntryDecoder().take(bytes(whole), 0, 7, found)
    except Garbled:
        return
    begin = 0
    for entry in found:
        start, length = size(whole, begin + 1)
        try:
            expected = by_ldap3(bytes(whole[begin : start + length]))
        except (LookupError, TypeError, ValueError):
            # ldap3 takes one tag for another and stumbles over it later.
            expected = entry
        assert entry == expected
        begin = start + length
    assert begin == at


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_nonsense_is_garbled_or_waited_for(data: bytes) -> None:
    found: list[Attributes] = []
    try:
        EntryDecoder().take(b"0" + data, 0, 7, found)
        EntryDecoder().entry(data, 0, len(data))
    except Garbled:
        return


def test_an_entry_that_answers_something_else_is_left_alone() -> None:
    data = entry_message(8, b"dn", {"mail": [b"a"]})
    found: list[Attributes] = []
    assert EntryDecoder().take(data, 0, 7, found) == 0
    assert found == []


def test_ranges_are_noticed() -> None:
    decoder = EntryDecoder()
    decoder.take(entry_message(7, b"dn", {"member": [b"a"]}), 0, 7, [])
    assert not decoder.ranged
    decoder.take(entry_message(7, b"dn", {"Member;Range=0-1": [b"a", b"b"]}), 0, 7, [])
    assert decoder.ranged


def test_what_was_learned_of_values_is_not_shared_among_entries() -> None:
    entries: list[Attributes] = []
    data = entry_message(7, b"dn", {"objectClass": [b"top", b"person"]}) * 3
    EntryDecoder().take(data, 0, 7, entries)
    entries[0]["objectclass"].append("changed")
    assert entries[1] == entries[2] == {"dn": ["dn"], "objectclass": ["top", "person"]}


@pytest.mark.parametrize("data", [b"\x80", b"\x85\1\1\1\1\1", b"\xff"])
def test_lengths_that_no_server_writes(data: bytes) -> None:
    with pytest.raises(Garbled):
        size(data, 0)
