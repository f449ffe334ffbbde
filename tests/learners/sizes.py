"""Groups just large enough to tell learners apart by what they learn."""

from iml_general.protocol import configure_protocol

SIZES = configure_protocol(
    {
        "sources": {
            "reliable": {"stage1": 12, "stage2": 6},
            "unreliable": {"stage1": 12, "stage2": 6},
            "neutral": {"stage2": 2},
        },
        "undefined": 4,
        "new_conflict": 2,
        "unseen": 4,
    }
)
