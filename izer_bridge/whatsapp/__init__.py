"""The link to WhatsApp; nothing else in the bridge knows its client."""
