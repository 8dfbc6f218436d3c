"""Readers by kind: each turns one part of a message's protobuf into what a person sees; pure."""
