"""Names of the weaknesses that code analysers report or the shelf speaks of, as MITRE's CWE list has them.

See https://cwe.mitre.org. A report is made from the journal alone, so it cannot look a name up in the library.
"""

from functools import cache

_NAMES = """
20 Improper Input Validation
22 Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')
23 Relative Path Traversal
36 Absolute Path Traversal
59 Improper Link Resolution Before File Access ('Link Following')
73 External Control of File Name or Path
74 Improper Neutralization of Special Elements in Output Used by a Downstream Component ('Injection')
77 Improper Neutralization of Special Elements used in a Command ('Command Injection')
78 Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')
79 Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')
80 Improper Neutralization of Script-Related HTML Tags in a Web Page (Basic XSS)
83 Improper Neutralization of Script in Attributes in a Web Page
87 Improper Neutralization of Alternate XSS Syntax
88 Improper Neutralization of Argument Delimiters in a Command ('Argument Injection')
89 Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')
90 Improper Neutralization of Special Elements used in an LDAP Query ('LDAP Injection')
91 XML Injection (aka Blind XPath Injection)
93 Improper Neutralization of CRLF Sequences ('CRLF Injection')
94 Improper Control of Generation of Code ('Code Injection')
95 Improper Neutralization of Directives in Dynamically Evaluated Code ('Eval Injection')
96 Improper Neutralization of Directives in Statically Saved Code ('Static Code Injection')
98 Improper Control of Filename for Include/Require Statement in PHP Program ('PHP Remote File Inclusion')
99 Improper Control of Resource Identifiers ('Resource Injection')
113 Improper Neutralization of CRLF Sequences in HTTP Headers ('HTTP Request/Response Splitting')
116 Improper Encoding or Escaping of Output
117 Improper Output Neutralization for Logs
119 Improper Restriction of Operations within the Bounds of a Memory Buffer
120 Buffer Copy without Checking Size of Input ('Classic Buffer Overflow')
121 Stack-based Buffer Overflow
122 Heap-based Buffer Overflow
125 Out-of-bounds Read
129 Improper Validation of Array Index
130 Improper Handling of Length Parameter Inconsistency
131 Incorrect Calculation of Buffer Size
134 Use of Externally-Controlled Format String
147 Improper Neutralization of Input Terminators
150 Improper Neutralization of Escape, Meta, or Control Sequences
158 Improper Neutralization of Null Byte or NUL Character
178 Improper Handling of Case Sensitivity
180 Incorrect Behavior Order: Validate Before Canonicalize
183 Permissive List of Allowed Inputs
184 Incomplete List of Disallowed Inputs
190 Integer Overflow or Wraparound
191 Integer Underflow (Wrap or Wraparound)
193 Off-by-one Error
200 Exposure of Sensitive Information to an Unauthorized Actor
203 Observable Discrepancy
204 Observable Response Discrepancy
208 Observable Timing Discrepancy
209 Generation of Error Message Containing Sensitive Information
210 Self-generated Error Message Containing Sensitive Information
215 Insertion of Sensitive Information Into Debugging Code
250 Execution with Unnecessary Privileges
252 Unchecked Return Value
256 Plaintext Storage of a Password
259 Use of Hard-coded Password
266 Incorrect Privilege Assignment
269 Improper Privilege Management
271 Privilege Dropping / Lowering Errors
273 Improper Check for Dropped Privileges
276 Incorrect Default Permissions
284 Improper Access Control
285 Improper Authorization
287 Improper Authentication
288 Authentication Bypass Using an Alternate Path or Channel
290 Authentication Bypass by Spoofing
294 Authentication Bypass by Capture-replay
295 Improper Certificate Validation
297 Improper Validation of Certificate with Host Mismatch
300 Channel Accessible by Non-Endpoint
306 Missing Authentication for Critical Function
307 Improper Restriction of Excessive Authentication Attempts
308 Use of Single-factor Authentication
311 Missing Encryption of Sensitive Data
312 Cleartext Storage of Sensitive Information
319 Cleartext Transmission of Sensitive Information
321 Use of Hard-coded Cryptographic Key
322 Key Exchange without Entity Authentication
323 Reusing a Nonce, Key Pair in Encryption
324 Use of a Key Past its Expiration Date
326 Inadequate Encryption Strength
327 Use of a Broken or Risky Cryptographic Algorithm
328 Use of Weak Hash
329 Generation of Predictable IV with CBC Mode
330 Use of Insufficiently Random Values
331 Insufficient Entropy
338 Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG)
344 Use of Invariant Value in Dynamically Changing Context
345 Insufficient Verification of Data Authenticity
346 Origin Validation Error
347 Improper Verification of Cryptographic Signature
348 Use of Less Trusted Source
352 Cross-Site Request Forgery (CSRF)
353 Missing Support for Integrity Check
354 Improper Validation of Integrity Check Value
359 Exposure of Private Personal Information to an Unauthorized Actor
362 Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')
367 Time-of-check Time-of-use (TOCTOU) Race Condition
369 Divide By Zero
377 Insecure Temporary File
379 Creation of Temporary File in Directory with Insecure Permissions
384 Session Fixation
390 Detection of Error Condition Without Action
400 Uncontrolled Resource Consumption
401 Missing Release of Memory after Effective Lifetime
403 Exposure of File Descriptor to Unintended Control Sphere ('File Descriptor Leak')
404 Improper Resource Shutdown or Release
409 Improper Handling of Highly Compressed Data (Data Amplification)
412 Unrestricted Externally Accessible Lock
415 Double Free
416 Use After Free
425 Direct Request ('Forced Browsing')
426 Untrusted Search Path
427 Uncontrolled Search Path Element
430 Deployment of Wrong Handler
434 Unrestricted Upload of File with Dangerous Type
436 Interpretation Conflict
441 Unintended Proxy or Intermediary ('Confused Deputy')
444 Inconsistent Interpretation of HTTP Requests ('HTTP Request/Response Smuggling')
451 User Interface (UI) Misrepresentation of Critical Information
457 Use of Uninitialized Variable
459 Incomplete Cleanup
470 Use of Externally-Controlled Input to Select Classes or Code ('Unsafe Reflection')
472 External Control of Assumed-Immutable Web Parameter
476 NULL Pointer Dereference
489 Active Debug Code
494 Download of Code Without Integrity Check
497 Exposure of Sensitive System Information to an Unauthorized Control Sphere
501 Trust Boundary Violation
502 Deserialization of Untrusted Data
506 Embedded Malicious Code
521 Weak Password Requirements
522 Insufficiently Protected Credentials
526 Cleartext Storage of Sensitive Information in an Environment Variable
532 Insertion of Sensitive Information into Log File
538 Insertion of Sensitive Information into Externally-Accessible File or Directory
548 Exposure of Information Through Directory Listing
552 Files or Directories Accessible to External Parties
553 Command Shell in Externally Accessible Directory
564 SQL Injection: Hibernate
565 Reliance on Cookies without Validation and Integrity Checking
566 Authorization Bypass Through User-Controlled SQL Primary Key
593 Authentication Bypass: OpenSSL CTX Object Modified after SSL Objects are Created
598 Use of GET Request Method With Sensitive Query Strings
601 URL Redirection to Untrusted Site ('Open Redirect')
602 Client-Side Enforcement of Server-Side Security
605 Multiple Binds to the Same Port
610 Externally Controlled Reference to a Resource in Another Sphere
611 Improper Restriction of XML External Entity Reference
613 Insufficient Session Expiration
614 Sensitive Cookie in HTTPS Session Without 'Secure' Attribute
617 Reachable Assertion
620 Unverified Password Change
625 Permissive Regular Expression
639 Authorization Bypass Through User-Controlled Key
640 Weak Password Recovery Mechanism for Forgotten Password
641 Improper Restriction of Names for Files and Other Resources
643 Improper Neutralization of Data within XPath Expressions ('XPath Injection')
645 Overly Restrictive Account Lockout Mechanism
646 Reliance on File Name or Extension of Externally-Supplied File
664 Improper Control of a Resource Through its Lifetime
665 Improper Initialization
667 Improper Locking
668 Exposure of Resource to Wrong Sphere
669 Incorrect Resource Transfer Between Spheres
671 Lack of Administrator Control over Security
674 Uncontrolled Recursion
680 Integer Overflow to Buffer Overflow
681 Incorrect Conversion between Numeric Types
693 Protection Mechanism Failure
696 Incorrect Behavior Order
697 Incorrect Comparison
703 Improper Check or Handling of Exceptional Conditions
704 Incorrect Type Conversion or Cast
706 Use of Incorrectly-Resolved Name or Reference
707 Improper Neutralization
710 Improper Adherence to Coding Standards
732 Incorrect Permission Assignment for Critical Resource
749 Exposed Dangerous Method or Function
754 Improper Check for Unusual or Exceptional Conditions
755 Improper Handling of Exceptional Conditions
757 Selection of Less-Secure Algorithm During Negotiation ('Algorithm Downgrade')
759 Use of a One-Way Hash without a Salt
760 Use of a One-Way Hash with a Predictable Salt
770 Allocation of Resources Without Limits or Throttling
772 Missing Release of Resource after Effective Lifetime
776 Improper Restriction of Recursive Entity References in DTDs ('XML Entity Expansion')
778 Insufficient Logging
779 Logging of Excessive Data
787 Out-of-bounds Write
788 Access of Memory Location After End of Buffer
789 Memory Allocation with Excessive Size Value
798 Use of Hard-coded Credentials
799 Improper Control of Interaction Frequency
805 Buffer Access with Incorrect Length Value
807 Reliance on Untrusted Inputs in a Security Decision
824 Access of Uninitialized Pointer
825 Expired Pointer Dereference
829 Inclusion of Functionality from Untrusted Control Sphere
830 Inclusion of Web Functionality from an Untrusted Source
835 Loop with Unreachable Exit Condition ('Infinite Loop')
837 Improper Enforcement of a Single, Unique Action
838 Inappropriate Encoding for Output Context
841 Improper Enforcement of Behavioral Workflow
843 Access of Resource Using Incompatible Type ('Type Confusion')
862 Missing Authorization
863 Incorrect Authorization
908 Use of Uninitialized Resource
912 Hidden Functionality
913 Improper Control of Dynamically-Managed Code Resources
915 Improperly Controlled Modification of Dynamically-Determined Object Attributes
916 Use of Password Hash With Insufficient Computational Effort
917 Improper Neutralization of Special Elements used in an Expression Language Statement ('Expression Language Injection')
918 Server-Side Request Forgery (SSRF)
922 Insecure Storage of Sensitive Information
942 Permissive Cross-domain Policy with Untrusted Domains
943 Improper Neutralization of Special Elements in Data Query Logic
1004 Sensitive Cookie Without 'HttpOnly' Flag
1007 Insufficient Visual Distinction of Homoglyphs Presented to User
1021 Improper Restriction of Rendered UI Layers or Frames
1088 Synchronous Access of Remote Resource without Timeout
1104 Use of Unmaintained Third Party Components
1188 Initialization of a Resource with an Insecure Default
1236 Improper Neutralization of Formula Elements in a CSV File
1270 Generation of Incorrect Security Tokens
1275 Sensitive Cookie with Improper SameSite Attribute
1284 Improper Validation of Specified Quantity in Input
1285 Improper Validation of Specified Index, Position, or Offset in Input
1286 Improper Validation of Syntactic Correctness of Input
1287 Improper Validation of Specified Type of Input
1288 Improper Validation of Consistency within Input
1289 Improper Validation of Unsafe Equivalence in Input
1321 Improperly Controlled Modification of Object Prototype Attributes ('Prototype Pollution')
1327 Binding to an Unrestricted IP Address
1333 Inefficient Regular Expression Complexity
1336 Improper Neutralization of Special Elements Used in a Template Engine
1357 Reliance on Insufficiently Trustworthy Component
1385 Missing Origin Validation in WebSockets
1391 Use of Weak Credentials
1395 Dependency on Vulnerable Third-Party Component
1426 Improper Validation of Generative AI Output
1427 Improper Neutralization of Input Used for LLM Prompting
"""  # noqa: E501


@cache
def cwe_names() -> dict[str, str]:
    """Name by identifier, e.g. `CWE-89`."""
    pairs = (line.split(" ", 1) for line in _NAMES.strip().splitlines())
    return {f"CWE-{number}": name for number, name in pairs}
