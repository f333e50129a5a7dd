"""The demo organisation in resources/demo: read, checked, and put into the library or an outside database."""
