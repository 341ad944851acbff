"""What a reply must not do, and how it is read before a person sees it."""
