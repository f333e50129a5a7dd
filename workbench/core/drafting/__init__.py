"""Drafting without a language model: a recipe that answers the task, adapted to the names and limits it asks for."""
