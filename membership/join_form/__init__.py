"""The joining form on the website: its steps, what it offers and shows back, and the link that confirms it."""
