"""The weekly digest over Telegram: an owner gets it once, in private, with its picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import Person, Scope
from bot.config import load
from bot.config_sections import AccessSettings
from bot.digest import Digest
from bot.texts.sentences import say
from tests.fakes import felt
from tests.integration.telegram.running import warmline
from tests.telegram_server.people import ANN, GROUP

pytestmark = pytest.mark.usefixtures("quick")


async def test_an_owner_gets_it_once_with_its_picture(api, tmp_path):
    now = datetime.now(UTC)
    owner = f"telegram:{ANN.id}"
    settings = load(None, {})
    admin = settings.admin.model_copy(update={"digest": owner})
    access = AccessSettings(owners=[owner])
    settings = settings.model_copy(update={"admin": admin, "access": access})
    monday = (now - timedelta(days=now.weekday())).replace(hour=8, minute=0)
    async with warmline(api, tmp_path) as bot:
        for number in range(6):
            await felt(
                bot.store,
                0.5,
                days_ago=(now - monday).days + 2,
                scope=Scope("telegram", str(GROUP.id)),
                person=Person("telegram", str(9000 + number)),
                private=False,
            )
        assert bot.adapter is not None
        reaches = {"telegram": bot.adapter}
        for _ in range(2):  # as two processes
            digest = Digest.of(settings, bot.store, reaches)
            assert digest is not None
            await digest.due(monday)
        words, picture = await api.until(lambda: api.messages(ANN.id))
        assert f"telegram:{GROUP.id}: {say('en', 'commands.feeling_positive')}" in words.text
        assert picture.document.content.startswith(b"\x89PNG")
        (look,) = await bot.store.looks()
        assert (look.who, look.what, look.about) == (owner, "digest 7", "all")
        assert api.texts(GROUP.id) == []
