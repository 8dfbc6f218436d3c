"""How long codes live, how many follow each other, and when a process has shown enough."""

from izer_bridge.whatsapp.qr_series import QrSeries


def test_the_first_code_of_a_series_lives_longest() -> None:
    series = QrSeries()
    for _ in range(2):
        series.begin()
        assert not series.has_codes
        assert [series.code(f"{ref},n,i,secret,6") for ref in "abc"] == [60, 20, 20]
        assert series.has_codes


def test_a_new_secret_asks_for_a_second_scan_and_the_same_code_lives_as_long_again() -> None:
    series = QrSeries()
    series.begin()
    assert series.code("a,n,i,old,6") == 60
    assert not series.wants_second_scan
    assert series.code("a,n,i,new,6") == 60
    assert series.wants_second_scan
    assert series.code("b,n,i,new,6") == 20
    assert series.wants_second_scan
    series.begin()
    assert not series.wants_second_scan
    assert series.code("c,n,i,newer,6") == 60
    assert not series.wants_second_scan


def test_codes_rest_after_three_series_in_a_row() -> None:
    series = QrSeries()
    assert [series.ended() for _ in range(3)] == [False, False, True]
    series.rested()
    assert [series.ended() for _ in range(3)] == [False, False, True]


def test_a_process_shows_twelve_series() -> None:
    series = QrSeries()
    for _ in range(11):
        series.ended()
        series.rested()
    assert not series.is_exhausted
    series.ended()
    assert series.is_exhausted
