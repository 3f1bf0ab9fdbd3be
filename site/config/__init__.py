"""The composition root: settings, urls and the client snippet. The only package that knows every app."""
