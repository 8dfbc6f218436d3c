"""Counts QR codes that linked no phone, and decides when to stop; pure.

WhatsApp may answer a scan by retiring the secret in the code (since July 2026, Baileys #2737): the
client shows the same code with a new secret, and only a second scan links.
"""

# WhatsApp keeps the first code valid for 60 s and the five that follow for 20 s each.
_FIRST_CODE_SECONDS, _NEXT_CODE_SECONDS = 60, 20
# This many series of codes follow each other automatically; then somebody must ask for more.
_IN_A_ROW = 3
# Every connect() uses up a thread for good, so a process cannot show codes for ever.
_MOST = 12


class QrSeries:
    """One series for each time that the client connects without a phone.

    `wants_second_scan`: a code of this series was scanned, and WhatsApp has retired its secret.
    """

    def __init__(self) -> None:
        self._refs: set[str] = set()
        self._secret = ""
        self._in_a_row = 0
        self._shown = 0
        self.wants_second_scan = False

    @property
    def has_codes(self) -> bool:
        """Whether this series has shown a code."""
        return bool(self._refs)

    @property
    def is_exhausted(self) -> bool:
        """Whether only a fresh process can show more."""
        return self._shown >= _MOST

    def begin(self) -> None:
        self._refs.clear()
        self._secret = ""
        self.wants_second_scan = False

    def code(self, text: str) -> int:
        """One more code, `…#ref,noise,identity,secret,…`; returns for how many seconds the client
        shows it.
        """
        ref, _, rest = text.partition(",")
        secret = rest.rpartition(",")[0].rpartition(",")[2]
        self.wants_second_scan |= self._secret not in ("", secret)
        self._secret = secret
        self._refs.add(ref)
        return _FIRST_CODE_SECONDS if len(self._refs) == 1 else _NEXT_CODE_SECONDS

    def ended(self) -> bool:
        """The series was not scanned; whether codes should pause until somebody asks for them."""
        self._in_a_row += 1
        self._shown += 1
        return self._in_a_row >= _IN_A_ROW

    def rested(self) -> None:
        """Somebody looks again: a phone was linked, or fresh codes were asked for."""
        self._in_a_row = 0
