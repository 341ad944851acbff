"""Discord: everything that speaks its gateway and its REST API."""
