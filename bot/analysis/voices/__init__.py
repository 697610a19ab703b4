"""The phrases of the rules by language: `voice.py` reads them."""
