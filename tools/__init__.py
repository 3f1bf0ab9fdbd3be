"""What `make` calls. Set-up runs on any Python from 3.8, before there is a virtual environment; the rest in it."""
