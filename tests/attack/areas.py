"""What must stay shut, area by area, and where its cases are; the most specific place counts."""

AREAS: dict[str, tuple[str, ...]] = {
    "names as protocol": (
        *(
            "whatsapp/test_receipt_gate.py",
            "whatsapp/test_log.py",
            "whatsapp/test_ratchet_snapshots.py",
        ),
        *("whatsapp/test_receiver.py", "end_to_end/test_hostile_names.py"),
    ),
    "lying sizes": (
        *("whatsapp/test_download.py", "end_to_end/test_lying_files.py", "media/test_step.py"),
    ),
    "from the service's user to root": ("attack/test_links.py", "attack/test_state_directory.py"),
    "a library's storm": ("host/test_logs.py",),
    "doors": (
        *("web/test_access.py", "web/test_every_door.py", "end_to_end/test_drafts.py"),
        *("staff/test_login.py", "staff/test_roles.py"),
        *("conditions/test_api.py", "mcp/test_tools.py", "mcp/test_server.py"),
    ),
    "ids": ("pipeline/test_ids.py", "end_to_end/test_gaps.py"),
    "words stay text": (
        *("console/test_hostile.py", "domain/test_correspondent.py", "board/test_page.py"),
        "host/test_logs.py::test_whatever_a_stranger_is_called_an_event_stays_one_line",
    ),
    "a group's subject": ("domain/test_importance.py", "end_to_end/test_own_groups.py"),
    "HTTP": (
        "web/test_connections.py",
        "board/test_page.py::test_who_does_not_read_is_dropped_and_others_go_on",
    ),
    "maintenance": (
        "store/test_migrations_cut_short.py",
        *("attack/test_backups.py", "attack/test_kills.py"),
        "attack/test_state_directory.py::test_no_start_on_half_a_restore",
        "attack/test_state_directory.py::test_a_bridge_with_a_damaged_store_takes_in",
    ),
    "supply": ("test_pins.py",),
    "smaller": (
        *(
            "store/test_tls.py",
            "test_systemd_unit.py",
            "config/test_settings.py",
            "pipeline/test_record_store.py",
        ),
        "attack/test_state_directory.py::test_an_open_directory_is_shut_and_told_once",
        "attack/test_state_directory.py::test_forget_names_the_notes_on_messages_under_way",
    ),
}
_BY_PLACE = {f"tests/{place}": area for area, places in AREAS.items() for place in places}


def area_of(node_id: str) -> str:
    """Raises KeyError for a case that is listed nowhere here."""
    test = node_id.partition("[")[0]
    return _BY_PLACE.get(test) or _BY_PLACE[test.partition("::")[0]]
