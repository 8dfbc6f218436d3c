"""Which of WhatsApp's refusals block what."""

import pytest

from izer_bridge.domain.send_limit import Limit, limit_after

HERE, THERE = "905551112233@s.whatsapp.net", "905554445566@s.whatsapp.net"


@pytest.mark.parametrize(
    ("code", "refused", "may_pause", "limit"),
    [
        (463, [], True, Limit.CHAT),
        (463, [HERE], True, Limit.CHAT),
        (463, [THERE], True, Limit.ACCOUNT),
        (463, [HERE, THERE], True, Limit.ACCOUNT),
        (463, [], False, Limit.CHAT),
        (463, [HERE], False, Limit.ACCOUNT),
        (429, [], True, Limit.ACCOUNT),
        (400, [THERE], True, None),
        (0, [THERE], True, None),
    ],
)
def test_a_second_chat_tells_a_lock_of_the_account_from_a_contact_without_token(
    code: int, refused: list[str], may_pause: bool, limit: Limit | None
) -> None:
    assert limit_after(code, HERE, refused, may_pause=may_pause) is limit
