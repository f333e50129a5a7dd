"""`workbench doctor`: what works, what is missing, and how to mend it."""

import json

from workbench.commands.console import line
from workbench.places import Places


async def examine(places: Places, as_json: bool) -> int:
    """Print the state of every part, and how to mend what is missing."""
    from workbench.core.doctor import examine as look

    components = await look(places)
    if as_json:
        print(json.dumps([component.model_dump(mode="json") for component in components], indent=2))
        return 0
    for component in components:
        line(f"{component.state:<8} {component.name}: {component.detail}")
        if component.mend:
            line(f"         {component.mend}")
    return 0
