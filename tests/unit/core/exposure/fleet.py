"""An inventory and a compared place, for the tests of the survey and of what the agent says of it."""

from workbench.core.evidence import Exposure, Place

FLEET = """host,exposure,product,version,owner
web-01,internet,log4j-core,2.14.1,Team Shop
web-02,internet,log4j-core,2.17.1,Team Shop
batch-07,internal,log4j-core,2.12.2,Team Billing
vpn-01,internet,openssl,1.0.1f,Network
jump-01,internet,openssh-server,1:8.9p1-3ubuntu0.10,Ops
wiki-02,internal,Atlassian Confluence,7.18.1,IT
arc-01,internal,xz-utils,5.6.1+really5.4.5-1,Ops
arc-02,internal,xz-utils,5.6.1-1,Ops
mail-01,internet,postfix,3.7.4,Ops
"""


def a_place(standing: Exposure) -> Place:
    return Place(
        file="i.csv", line=2, text="a,xz,5.6.1", told="host a", package="xz", version="5.6.1", standing=standing,
        vulnerability="CVE-2024-3094", affected_range="from 5.6.0 up to and including 5.6.1",
    )  # fmt: skip
