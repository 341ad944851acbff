"""A small Telegram Bot API server over real sockets, for tests: see `server.BotApi`.

`messages` builds what Telegram sends, `faults` names what can go wrong. The server keeps chats as
Telegram keeps them (`chats`, `texts`) and hands updates over as Telegram does (`updates`).
"""
