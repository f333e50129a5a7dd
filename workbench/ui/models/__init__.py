"""View models: what the panels show, made from journal events and engine answers."""
