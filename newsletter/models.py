"""What we say: articles, newsletters and their mailings."""
