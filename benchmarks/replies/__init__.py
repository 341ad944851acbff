"""How kind the replies are: fixed messages, rules counted by code, a blind reading."""
