"""The words of incidents by language: `phrases.py` reads them."""
