import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izer_bridge.analysis.masking import Masked, mask, mask_subject
from izer_bridge.domain.message import HistoryEntry
from tests.analysis.subjects import NOW, subject

PHONES = """\
0555 111 22 33 | +90 (555) 111-22-33 | 5551112233 | 905551112233 | 90 555 111 22 33 | 0(555)1112233
0090 555 111 22 33 | 0555.111.22.33 | 0555_111_22_33 | 0555/1112233 | 0 5 5 5 1 1 1 2 2 3 3
0555 – 111 – 22 – 33 | 0555\xa0111\xa022\xa033 | 0555\u200b111\u200d2233 | ０５５５ １１１ ２２ ３３
٠٥٥٥١١١٢٢٣٣ | \u202a+90 555 111 22 33\u202c | 0️⃣5️⃣5️⃣5️⃣1️⃣1️⃣1️⃣2️⃣2️⃣3️⃣3️⃣ | 0212 555 12 34 | 444 1 234
+49 171 3920011 | +447700900011 | +7 916 123-45-67 | @905551112233 | @49171392001155"""
IBANS = """\
TR33 0006 1005 1978 6457 8413 26 | TR330006100519786457841326 | tr33-0006-1005-1978-6457-8413-26
TR33 0006 1005 1978 6457 8413 27 | 33 0006 1005 1978 6457 8413 26 | 330006100519786457841326
ＴＲ３３ 0006 1005 1978 6457 8413 26 | DE89 3704 0044 0532 0130 00 | GB29 NWBK 6016 1331 9268 19"""
EMAILS = """\
ayse@gmail.com | Ayşe.Yılmaz+bisiklet@örnek.com.tr | ayse @ gmail.com | ayse@gmail | AYSE@GMAİL.COM
ay\u200bse@gm\u200bail.com | ayse＠gmail.com"""
CARDS = """\
4111 1111 1111 1111 | 4111-1111-1111-1111 | 5555555555554444 | 9792 0303 9444 0796
3782 822463 10005 | ４１１１ １１１１ １１１１ １１１１"""


def _of(kind: str, values: str) -> list[tuple[str, str]]:
    return [(kind, value) for line in values.splitlines() for value in line.split(" | ")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [*_of("PHONE", PHONES), *_of("IBAN", IBANS), *_of("EMAIL", EMAILS), *_of("CARD", CARDS)],
)
@pytest.mark.parametrize(
    "text", ["{}", "beni arayın: {}.", "yarın {} olur mu? teşekkürler", "({})"]
)
def test_what_identifies_people_is_masked_and_restored(kind: str, value: str, text: str) -> None:
    written = text.format(value)
    masked = mask([written])
    assert f"[{kind}_1]" in masked.texts[0]
    assert len(re.findall(r"\d", masked.texts[0])) == 1
    assert masked.restore(masked.texts[0]) == written


@pytest.mark.parametrize(
    "text",
    [
        *("sipariş no 5321234567", "sipariş numaram 2025000318", "order #5550001234"),
        *("IZR2025000318", "seri no BT5A-00761", "kargo takip no 1234567890123", "#1234567"),
        *("takip: 4111111111111", "Rechnung Nr. 5321234567", "fatura no 2025 000 318"),
        *("41.200 TL", "1.250,00 TL", "3500-4000 TL", "10.000-15.000 tl arası", "3.200.000"),
        *("2000 2500 3000 tl", "hesap: 12.500+3.750+1.200", "12 x 1.250 = 15.000"),
        *("12.03.2025", "12/03/2025 14:30", "2025-03-01 09:30", "01.12.2025 - 15.12.2025"),
        *("saat 10-12 arası", "09.00-19.00 arası", "20 03 2025 10 30", "2023 2024 2025 model"),
        *("26x1.95", "700x28c", "28 jant 21 vites 26 beden 175 boy 70 kilo", "2x10 3x9 1x12"),
        *("8690123456789", "40.990000,29.030000", "34710 Kadıköy", "06 ABC 123"),
        *("1 2 3 4 5 6 7 8 9 10", "100 200 300 400 500", "@izerbisiklet", "selam @izerbisiklet"),
        *("sepette @ 25.99 tl", "Shimano RD-M5100", "4543 1234 5678 9010", "DE89 370400"),
    ],
)
def test_numbers_of_the_shop_stay(text: str) -> None:
    assert mask([text]).texts == (text,)


def test_one_value_has_one_placeholder_in_a_request() -> None:
    masked = mask(
        ["0555 111 22 33, ayse@gmail.com", "+905551112233 / 0532 123 45 67", "AYSE@gmail.com"]
    )
    assert masked.texts == ("[PHONE_1], [EMAIL_1]", "[PHONE_1] / [PHONE_2]", "[EMAIL_1]")
    assert masked.restore("[PHONE_1]") == "0555 111 22 33"


def test_the_number_of_another_country_is_known_to_its_own_people() -> None:
    german = "Rufen Sie 0171 3920011 an"
    assert mask([german]).texts == (german,)
    assert mask([german], ("TR", "DE")).texts == ("Rufen Sie [PHONE_1] an",)
    turkish, _ = mask_subject(subject(german))
    own, _ = mask_subject(replace(subject(german), phone_number="+491713920011"))
    assert (turkish.text, own.text) == (german, "Rufen Sie [PHONE_1] an")


def test_a_model_may_change_how_it_writes_a_placeholder() -> None:
    masked = mask(["0555 111 22 33"])
    for written in ("[PHONE_1]", "PHONE_1", "[phone_1]", "[PHONE_1"):
        assert masked.restore(f"{written} aranacak") == "0555 111 22 33 aranacak"
    assert masked.restore("[PHONE_2] ve [PHONE_11]") == "[PHONE_2] ve [PHONE_11]"


def test_a_customer_who_writes_a_placeholder_gets_nobody_elses_number() -> None:
    masked = mask(["[PHONE_1] ve phone_2", "0555 111 22 33"])
    assert masked.texts == ("[PHONE_1] ve phone_2", "[PHONE_3]")
    assert masked.restore("[PHONE_1] [PHONE_3]") == "[PHONE_1] 0555 111 22 33"


def test_history_senders_and_names_are_masked_too() -> None:
    entry = HistoryEntry("+905551112233", "ayse@gmail.com", NOW, "text", False)
    shown, masked = mask_subject(subject("beni arayın", entry, chat_name="0555 111 22 33"))
    assert (shown.text, shown.chat_name) == ("beni arayın", "[PHONE_1]")
    assert [(one.sender, one.content) for one in shown.history] == [("[PHONE_1]", "[EMAIL_1]")]
    assert masked.restore("[EMAIL_1]") == "ayse@gmail.com"


@pytest.mark.parametrize("filler", [" kelime", "1", " 12 34 56", "a"])
def test_of_a_very_long_text_no_half_of_a_number_stays(filler: str) -> None:
    for shift in range(12):
        text = "x" * shift + (filler * 4_000)[: 3_990 - shift] + " 0555 111 22 33 " + filler * 9_000
        shown, _ = mask_subject(subject(text))
        assert len(shown.text) < 8_100
        assert not re.search(r"0 ?5 ?5 ?5", shown.text)


def test_nothing_to_mask_is_nothing_to_restore() -> None:
    assert Masked().restore("[PHONE_1]") == "[PHONE_1]"
    assert mask([]).texts == ()


@settings(deadline=None)
@given(st.text(), st.sampled_from(["0555 111 22 33", "a@b.co", "x"]), st.text())
def test_any_text_comes_back(before: str, value: str, after: str) -> None:
    text = f"{before} {value} {after}"
    masked = mask([text])
    assert masked.restore(masked.texts[0]) == text
