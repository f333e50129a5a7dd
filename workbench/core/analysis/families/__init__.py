"""Our own rules, one file per family. A family has a TOPIC and `find(scan)`; adding one is adding it to FAMILIES."""
