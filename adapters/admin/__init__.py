"""The dashboard for whoever runs Warmline: pages under /admin, without JavaScript."""
