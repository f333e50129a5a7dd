"""What stands in inventories, requirements and sentences, compared with the versions that vulnerabilities affect.

`mentions` finds names with the versions beside them, `versions` compares versions as their makers count, and `survey`
puts both beside the shelf.
"""
