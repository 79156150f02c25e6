"""What tests/conftest.py lends to every test; nothing here is part of the product."""
