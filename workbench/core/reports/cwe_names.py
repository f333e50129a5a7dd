"""Names of weaknesses, as MITRE's CWE list has them (https://cwe.mitre.org): those of the shelf, and some more.

A report is made from the journal alone, so it cannot look a name up in the library.
"""

from functools import cache

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.shelf import names

_OTHERS = """
83 Improper Neutralization of Script in Attributes in a Web Page
87 Improper Neutralization of Alternate XSS Syntax
99 Improper Control of Resource Identifiers ('Resource Injection')
129 Improper Validation of Array Index
130 Improper Handling of Length Parameter Inconsistency
147 Improper Neutralization of Input Terminators
150 Improper Neutralization of Escape, Meta, or Control Sequences
204 Observable Response Discrepancy
210 Self-generated Error Message Containing Sensitive Information
215 Insertion of Sensitive Information Into Debugging Code
271 Privilege Dropping / Lowering Errors
273 Improper Check for Dropped Privileges
300 Channel Accessible by Non-Endpoint
308 Use of Single-factor Authentication
322 Key Exchange without Entity Authentication
323 Reusing a Nonce, Key Pair in Encryption
324 Use of a Key Past its Expiration Date
331 Insufficient Entropy
344 Use of Invariant Value in Dynamically Changing Context
348 Use of Less Trusted Source
353 Missing Support for Integrity Check
354 Improper Validation of Integrity Check Value
403 Exposure of File Descriptor to Unintended Control Sphere ('File Descriptor Leak')
409 Improper Handling of Highly Compressed Data (Data Amplification)
412 Unrestricted Externally Accessible Lock
430 Deployment of Wrong Handler
451 User Interface (UI) Misrepresentation of Critical Information
497 Exposure of Sensitive System Information to an Unauthorized Control Sphere
501 Trust Boundary Violation
526 Cleartext Storage of Sensitive Information in an Environment Variable
553 Command Shell in Externally Accessible Directory
566 Authorization Bypass Through User-Controlled SQL Primary Key
593 Authentication Bypass: OpenSSL CTX Object Modified after SSL Objects are Created
605 Multiple Binds to the Same Port
610 Externally Controlled Reference to a Resource in Another Sphere
641 Improper Restriction of Names for Files and Other Resources
645 Overly Restrictive Account Lockout Mechanism
664 Improper Control of a Resource Through its Lifetime
665 Improper Initialization
669 Incorrect Resource Transfer Between Spheres
671 Lack of Administrator Control over Security
680 Integer Overflow to Buffer Overflow
693 Protection Mechanism Failure
696 Incorrect Behavior Order
697 Incorrect Comparison
703 Improper Check or Handling of Exceptional Conditions
706 Use of Incorrectly-Resolved Name or Reference
707 Improper Neutralization
710 Improper Adherence to Coding Standards
757 Selection of Less-Secure Algorithm During Negotiation ('Algorithm Downgrade')
760 Use of a One-Way Hash with a Predictable Salt
779 Logging of Excessive Data
788 Access of Memory Location After End of Buffer
805 Buffer Access with Incorrect Length Value
825 Expired Pointer Dereference
837 Improper Enforcement of a Single, Unique Action
838 Inappropriate Encoding for Output Context
912 Hidden Functionality
913 Improper Control of Dynamically-Managed Code Resources
1088 Synchronous Access of Remote Resource without Timeout
1270 Generation of Incorrect Security Tokens
1327 Binding to an Unrestricted IP Address
1427 Improper Neutralization of Input Used for LLM Prompting
"""
"""Weaknesses that code analysers report or the shelf speaks of without an entry of their own."""


@cache
def cwe_names() -> dict[str, str]:
    """The official names by CWE id, such as `CWE-79`."""
    others = (line.split(" ", 1) for line in _OTHERS.strip().splitlines())
    return {**{f"CWE-{number}": name for number, name in others}, **names(PassageKind.WEAKNESS)}
