"""Addresses and numbers of one person are recognised in every spelling."""

import pytest

from izer_bridge.domain.identity import Jid, normalise_number, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("905551112233@s.whatsapp.net", Jid("905551112233", "s.whatsapp.net")),
        ("905551112233:12@s.whatsapp.net", Jid("905551112233", "s.whatsapp.net")),
        ("905551112233.1:12@s.whatsapp.net", Jid("905551112233", "s.whatsapp.net")),
        ("905551112233@c.us", Jid("905551112233", "s.whatsapp.net")),
        ("100200300@lid", Jid("100200300", "lid")),
        ("1203630-99@g.us", Jid("1203630-99", "g.us")),
    ],
)
def test_jid_is_read_without_its_device(text: str, expected: Jid) -> None:
    assert Jid.parse(text) == expected


@pytest.mark.parametrize("text", ["", "905551112233", "@lid", "905551112233@"])
def test_what_is_no_jid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a JID"):
        Jid.parse(text)


def test_the_digits_of_a_lid_are_no_phone_number() -> None:
    assert Jid.parse("100200300@lid").number is None
    assert Jid.parse("905551112233@s.whatsapp.net").number == "+905551112233"


@pytest.mark.parametrize(
    "text",
    ["0555 111 22 33", "+90 (555) 111-22-33", "5551112233", "00905551112233", "905551112233"],
)
def test_one_number_in_any_spelling(text: str) -> None:
    assert normalise_number(text) == "+905551112233"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("491701234567", "+491701234567"),
        ("4915112345678", "+4915112345678"),
        ("35799123456", "+35799123456"),
        ("12025550123", "+12025550123"),
        ("79161234567", "+79161234567"),
        ("0049 170 1234567", "+491701234567"),
        ("+44 7700 900011", "+447700900011"),
        ("0212 555 12 34", "+902125551234"),
        ("2125551234", "+902125551234"),
        ("05551112233@c.us", "+905551112233"),
        ("+905551112233@c.us", "+905551112233"),
        ("491701234567:7@s.whatsapp.net", "+491701234567"),
        # WhatsApp's own way of writing them, which no numbering plan holds.
        ("5215512345678@c.us", "+5215512345678"),
    ],
)
def test_a_number_without_plus_is_of_the_country_where_it_is_valid(
    text: str, expected: str
) -> None:
    assert normalise_number(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12", "+90555111223344556677", "447700900011", "77701234567", "900000000000"]
    + ["00@c.us", "abc@c.us", "@c.us", "184467440737095@lid", "1203@g.us"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"phone number|JID"):
        normalise_number(text)


def test_a_redacted_number_shows_two_digits() -> None:
    assert redact("+905551112233") == redact("905551112233@s.whatsapp.net") == "…33"
