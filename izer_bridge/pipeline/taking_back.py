"""Who may change or revoke a message: its author, and in a group an admin may revoke; pure.

Phones ignore what anybody else sends, though WhatsApp delivers it.
"""

from dataclasses import dataclass

from izer_bridge.domain.message import Kind

_NOT_THE_AUTHOR = "only who has written a message may change it or take it back"
_NO_ADMIN = "in a group only the author and admins may take a message back"
_UNKNOWN = "whether its sender is an admin of the group could not be asked"


@dataclass(frozen=True, slots=True)
class Side:
    """Whose a message is: the shop's, or a contact's by row number."""

    from_me: bool
    contact_id: int | None

    def is_same(self, other: "Side") -> bool:
        if self.from_me or other.from_me:
            return self.from_me and other.from_me
        return self.contact_id is not None and self.contact_id == other.contact_id


def refusal(
    kind: Kind, sender: Side, author: Side, *, is_group: bool, by_admin: bool | None
) -> str | None:
    """Why an edit or a revoke does not count; None if it does."""
    if sender.is_same(author):
        return None
    if kind is not Kind.REVOKE or not is_group:
        return _NOT_THE_AUTHOR
    if by_admin is None:
        return _UNKNOWN
    return None if by_admin else _NO_ADMIN
