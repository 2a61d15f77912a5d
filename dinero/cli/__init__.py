"""`python -m dinero …`"""
