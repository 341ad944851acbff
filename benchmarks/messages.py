"""The fixed messages that speed is measured with: one conversation in each language."""

from __future__ import annotations

ENGLISH = (
    "hi, how are you",
    "I had a rough day at work",
    "my manager said my report was useless, in front of the whole team",
    "I just sat there and said nothing",
    "now I keep thinking about it",
    "what should I have for dinner?",
    "I made soup. it was actually good",
    "my sister called, that cheered me up a bit",
    "she is getting married in spring!",
    "I'm really happy for her",
    "but I also feel a little left behind",
    "everyone around me seems to move on",
    "I don't want to sound jealous",
    "thanks for listening",
    "can't sleep though, it's 2am",
    "my head is full of tomorrow's meeting",
    "I might ask to speak with my manager alone",
    "do you think that is a good idea?",
    "ok. I'll try to write down what I want to say",
    "good night",
)

CHINESE = (
    "你好，最近怎么样",
    "今天上班特别累",
    "经理当着全组的面说我的报告没用",
    "我坐在那里一句话都没说",
    "现在一直在想这件事",
    "晚饭吃什么好呢？",
    "我煮了汤，味道还不错",
    "妹妹给我打电话了，心情好了一点",
    "她春天要结婚了！",
    "我真的替她高兴",
    "可是也觉得自己被落下了",
    "身边的人好像都在往前走",
    "我不想显得在嫉妒她",
    "谢谢你听我说",
    "不过睡不着，已经两点了",
    "满脑子都是明天的会",
    "我想单独找经理谈一谈",
    "你觉得这样好吗？",
    "好，我先把想说的话写下来",
    "晚安",
)
