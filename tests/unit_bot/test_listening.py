"""Who is being spoken to: silence is the default."""

import pytest

from bot.listening import Speaker, is_for_the_bot, is_incident_channel, without_mention

BOT = "U0BOT"


@pytest.mark.parametrize(
    ("text", "previous", "expected"),
    [
        ("why did the pool run dry?", Speaker.BOT, True),
        ("what about the cache", Speaker.BOT, True),
        ("and when did it start", Speaker.SAME_PERSON, True),
        ("again", Speaker.BOT, True),
        ("なぜ遅いのですか？", Speaker.BOT, True),
        ("もう一度", Speaker.BOT, True),
        ("全部見せて", Speaker.BOT, True),
        ("谁部署的", Speaker.BOT, True),
        ("다시 분석해 주세요", Speaker.BOT, True),
        ("full report please", Speaker.BOT, True),
        ("full", Speaker.OTHER_PERSON, False),
        ("full disk on db-1", Speaker.BOT, False),
        ("checked the pool, it is fine", Speaker.BOT, False),
        ("area 2 is back", Speaker.BOT, False),
        ("the whole rack is gone", Speaker.BOT, False),
        ("thanks, that helps", Speaker.BOT, False),
        ("rolling back now", Speaker.SAME_PERSON, False),
        ("did you restart it?", Speaker.OTHER_PERSON, False),
        ("why did it fail?", Speaker.OTHER_PERSON, False),
        ("<@U0ANNA> can you look?", Speaker.BOT, False),
        ("<@U0BOT> <@U0ANNA> can you look?", Speaker.BOT, False),
        ("<@U0BOT> why?", Speaker.BOT, True),
        ("<@U0BOT|rca> why?", Speaker.BOT, True),
        ("", Speaker.BOT, False),
    ],
)
def test_a_question_is_told_from_talk(text, previous, expected):
    assert is_for_the_bot(text, previous=previous, bot_user_id=BOT) is expected


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("<@U0BOT> why?", "why?"),
        ("hey <@U0BOT|rca>, why?", "hey  , why?"),
        ("ask <@U0ANNA> <@U0BOT>", "ask <@U0ANNA>"),
        ("<@U0BOTTOM> no", "<@U0BOTTOM> no"),
    ],
)
def test_the_bots_own_mention_is_no_part_of_the_question(text, question):
    assert without_mention(text, BOT) == question


@pytest.mark.parametrize(
    ("name", "expected"),
    [("inc-42", True), ("incident-db", True), ("random", False), ("inc", False)],
)
def test_incident_channels_are_known_by_their_names(name, expected):
    assert is_incident_channel(name, ("inc-*", "incident-*")) is expected
