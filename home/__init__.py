"""Pages: what a visitor sees, menus and site settings."""
