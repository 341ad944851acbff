"""What the Discord adapter is told keeps its secret and finds the nearest language."""

from __future__ import annotations

from adapters.delivery import DeliveryTexts
from adapters.discord.settings import DiscordSettings, DiscordTexts

EN = DiscordTexts(DeliveryTexts("perhaps", "rejected", "failed"))
ZH = DiscordTexts(DeliveryTexts("可能", "拒绝", "失败"))
SETTINGS = DiscordSettings(token="a-secret", texts={"en": EN, "zh": ZH})


def test_the_token_is_never_shown():
    assert "a-secret" not in repr(SETTINGS)


def test_texts_are_those_of_the_locale_or_else_the_usual_ones():
    assert SETTINGS.texts_for("zh-TW") is ZH
    assert SETTINGS.texts_for("en-GB") is EN
    assert SETTINGS.texts_for("ja") is EN
    assert SETTINGS.texts_for("") is EN


def test_answers_stream_by_edits_unless_that_is_off():
    assert SETTINGS.manner == "edit"
    assert DiscordSettings("t", {"en": EN}, stream="off").manner == "off"
