"""The platforms: console, HTTP, Telegram, Discord. Knows no engine and no storage."""
