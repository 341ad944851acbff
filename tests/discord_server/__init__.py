"""A small Discord over real sockets, for tests: REST and gateway; see `server.DiscordApi`.

People act in it (`acting`), servers and channels are built in it (`building`), and what the bot
did can be seen (`seeing`). `faults` names what can go wrong with a call, `sessions` with a gateway
connection. `pointing` leads a client of discord.py here.
"""
