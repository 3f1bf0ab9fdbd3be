"""What we say: articles, newsletters, audiences and mailings."""
