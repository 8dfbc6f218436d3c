"""The fields of a message that have no reader, each with why a person would not miss it."""

SILENT = {
    "messageContextInfo": "secrets and bookkeeping beside another field",
    "senderKeyDistributionMessage": "keys of a group, beside the message or before it",
    "fastRatchetKeySenderKeyDistributionMessage": "keys of a group",
    "groupRootKeyShare": "keys of a group",
    "rootSecretDistributeMessage": "keys of a chat",
    "stickerSyncRmrMessage": "the phone asks its other devices for stickers",
    "messageHistoryBundle": "a group's old messages for a new member, as an encrypted file",
    "messageHistoryNotice": "says that such a file was sent",
    "statusLinkPreviewMetadata": "how a status shows its link",
}
