"""What a message can hold that is not text, one example of each kind."""

from __future__ import annotations

from typing import Any

_FILE = {"file_id": "AgACAgIAAxkBAAIB", "file_unique_id": "AQADAgAT", "file_size": 20480}
_PICTURE = {**_FILE, "width": 320, "height": 240}
_THUMBNAIL = {**_PICTURE, "file_unique_id": "AQADAgAU", "file_size": 1024, "width": 90}
_OPTIONS = [
    {"text": words, "voter_count": 0, "persistent_id": words.lower()} for words in ("Yes", "No")
]

PAYLOADS: dict[str, dict[str, Any]] = {
    "animation": {
        "animation": {**_PICTURE, "duration": 2, "mime_type": "video/mp4"},
        "document": {**_FILE, "mime_type": "video/mp4"},
    },
    "audio": {"audio": {**_FILE, "duration": 180, "title": "Song", "mime_type": "audio/mpeg"}},
    "contact": {"contact": {"phone_number": "+15550100", "first_name": "Ben"}},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "document": {"document": {**_FILE, "file_name": "notes.pdf", "mime_type": "application/pdf"}},
    "location": {"location": {"latitude": 48.85, "longitude": 2.35}},
    "photo": {"photo": [_THUMBNAIL, _PICTURE]},
    "poll": {
        "poll": {
            "id": "5280000000000000001",
            "question": "Tea?",
            "options": _OPTIONS,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
    },
    "sticker": {
        "sticker": {
            **_PICTURE,
            "type": "regular",
            "is_animated": False,
            "is_video": False,
            "emoji": "🙂",
            "set_name": "Faces",
        }
    },
    "video": {"video": {**_PICTURE, "duration": 5, "mime_type": "video/mp4"}},
    "video_note": {"video_note": {**_FILE, "length": 240, "duration": 5}},
    "voice": {"voice": {**_FILE, "duration": 3, "mime_type": "audio/ogg"}},
}
