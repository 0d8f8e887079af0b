"""What is logged, and how often."""

import logging

from featuremill_serving.logs import Complaint


def test_a_complaint_is_logged_when_it_is_new_and_again_after_all_was_well(caplog):
    complaint = Complaint(logging.getLogger("of the test"))
    assert [complaint.say(text) for text in ("broken", "broken", "gone", "broken")] == [True, False, True, True]
    complaint.withdraw()
    assert complaint.say("broken", logging.WARNING)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "broken"),
        ("ERROR", "gone"),
        ("ERROR", "broken"),
        ("WARNING", "broken"),
    ]
