"""A run as one HTML page that needs nothing but a browser: `page` makes it, `charts` chooses what it shows."""
