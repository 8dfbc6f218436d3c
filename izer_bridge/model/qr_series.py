"""Counts the QR codes that nobody scanned, and says when it is enough; pure."""

# WhatsApp lets the first code live for 60 s and the five that follow for 20 s each.
_FIRST_CODE_SECONDS, _NEXT_CODE_SECONDS = 60, 20
# So many series of codes follow each other by themselves; then somebody must ask for more.
_IN_A_ROW = 3
# Every connect() takes a thread for good, so a process cannot show codes for ever.
_MOST = 12


class QrSeries:
    """One series for each time that the client connects without a phone."""

    def __init__(self) -> None:
        self._codes = 0
        self._in_a_row = 0
        self._shown = 0

    @property
    def has_codes(self) -> bool:
        """Whether this series has shown one."""
        return self._codes > 0

    @property
    def is_exhausted(self) -> bool:
        """Whether only a fresh process can show more."""
        return self._shown >= _MOST

    def begin(self) -> None:
        self._codes = 0

    def code(self) -> int:
        """One more code; the seconds that it lives."""
        self._codes += 1
        return _FIRST_CODE_SECONDS if self._codes == 1 else _NEXT_CODE_SECONDS

    def ended(self) -> bool:
        """The series was not scanned; whether codes should rest until somebody asks for them."""
        self._in_a_row += 1
        self._shown += 1
        return self._in_a_row >= _IN_A_ROW

    def rested(self) -> None:
        """Somebody looks again: a phone was linked, or fresh codes were asked for."""
        self._in_a_row = 0
