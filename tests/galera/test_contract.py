"""The ledger's contract again, with its owners and its reader each at a different node."""

# ruff: noqa: F401

import pytest

from tests.pipeline.test_ledger import (
    test_a_chats_messages_are_claimed_one_after_the_other,
    test_a_claim_takes_no_more_than_its_limit,
    test_a_postponed_message_waits_and_its_chat_with_it,
    test_a_restart_gives_back_what_its_owner_held_and_nothing_else,
    test_an_expired_lease_is_claimed_anew_and_the_old_one_refused,
    test_every_attempt_is_a_row,
    test_the_dead_and_the_skipped_are_left_alone,
    test_the_whole_way_is_told_by_the_outcome,
    test_two_owners_never_hold_one_message,
)
from tests.pipeline.test_record_store import (
    test_a_message_that_only_history_knew_is_worked_when_it_comes_live,
    test_a_message_that_stood_in_both_chats_is_kept_once,
    test_the_same_message_twice_is_one_row,
)

pytestmark = pytest.mark.galera
