"""Telegram: everything that speaks its Bot API."""
