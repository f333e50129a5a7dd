"""Drafting tasks in our own words: those that a recipe of the shelf answers, and those that none does.

They are written as an analyst or developer types them into the form, a title and mostly a description below it, from
what a recipe is for and not from its questions. Where two recipes do what is asked, both are named, `one|other`.
"""

FITS: tuple[tuple[str, str], ...] = (
    (
        "accept_input",
        "Check the JSON that our sign-up API gets\n"
        "Only the fields we know may pass, no surprises in types or lengths, and the answer must say what was "
        "wrong.",
    ),
    (
        "accept_input",
        "Profile update endpoint\n"
        "People slipped a `role` field into the request and it was written to the table. Take name, city and "
        "birthday only.",
    ),
    (
        "accept_once",
        "Order endpoint must survive double clicks\n"
        "The shop app resends when the mobile network is bad. The second call with the same key has to return "
        "what the first one returned.",
    ),
    (
        "add_security_headers",
        "Harden the responses of our web portal\n"
        "The audit wants CSP, HSTS and a ban on framing for every page. The portal is a WSGI application.",
    ),
    ("allow_origin", "Let our single-page app at app.example.com call the API from the browser, and no other site"),
    (
        "ask_model",
        "Summarise incoming support mails with an LLM\n"
        "Some senders hide commands in their mails. The result should be a category and a short quote, nothing "
        "else.",
    ),
    (
        "call_with_retries",
        "Make our calls to the stock service survive short outages: try again a few times with growing pauses, "
        "but give up after 20 seconds in all",
    ),
    (
        "change_password",
        "Account page: new password\n"
        "The member types the current and the new password. Afterwards all other devices have to be signed out.",
    ),
    (
        "check_api_key",
        "Machine clients send a key with every request\n"
        "Decide whether it is known, still valid and allowed to do this. Only hashes are in our table.",
    ),
    ("check_csrf", "Add CSRF protection to our forms"),
    ("check_csrf", "Other sites must not be able to post our settings form for somebody who is signed in"),
    (
        "check_host",
        "Links in our invitation mails sometimes pointed to evil.example\n"
        "The app takes the server name from the request when it writes a link. Allow our two names only.",
    ),
    ("check_jwt", "Check a JWT and its claims"),
    (
        "check_jwt",
        "API gateway: accept the bearer tokens of our identity service\n"
        "The algorithm must be fixed, audience and issuer have to match, and expired tokens are refused.",
    ),
    (
        "check_lockfile",
        "Pipeline step that fails the build when a line of requirements.txt has no exact version or no checksum",
    ),
    (
        "check_password_strength",
        "Registration: refuse weak passwords\n"
        "Short ones, well-known ones and those with the member's name in them should be turned down with a "
        "helpful text.",
    ),
    ("check_password_strength", "Write a password strength meter"),
    ("check_redirect", "After login send the user back to the page in `next`, but never to another site"),
    (
        "check_websocket_origin",
        "Our live dashboard uses WebSockets with the session cookie\n"
        "Only pages from our own domain may open the connection.",
    ),
    (
        "clean_html",
        "Comments come from an editor with bold, lists and links\n"
        "Store them so that no script or event handler survives, but the formatting does.",
    ),
    (
        "compare_secret",
        "Monitoring endpoint with a shared password in an environment variable\n"
        "Compare it with the header so that response times tell nothing.",
    ),
    (
        "connect_postgres",
        "Open the PostgreSQL connection of the billing service\n"
        "The server's certificate must be checked and a query may take five seconds at most.",
    ),
    (
        "connect_tls",
        "Client for the internal directory server\n"
        "It has a certificate of our company CA. The connection must be encrypted and the name verified.",
    ),
    ("drop_privileges", "Daemon starts as root to open port 80 and must then go on as user `web`, with no way back"),
    (
        "encrypt_file",
        "Protect the nightly export with a password before it goes to the tape\n"
        "The files have up to 40 GB, so they do not fit into memory.",
    ),
    (
        "evaluate_formula",
        "Customers enter price formulas such as base * 1.2 + fee\n"
        "Calculate them on the server; eval is forbidden by our guidelines.",
    ),
    ("extract_archive", "Unpack zip files that partners send us, with a cap on the number of files and bytes"),
    ("extract_archive", "Unzip a customer's export into a new directory; beware of zip bombs"),
    ("fetch_url", "Download the picture behind a link that a user entered, but never from our internal network"),
    ("fetch_url", "Retrieve a page for a link preview, https only, at most 1 MB"),
    ("hash_password", "Keep our members' passwords so that a stolen table is of little use"),
    ("hash_password|sign_in", "Check a password at login against the stored hash"),
    (
        "hide_error",
        "Our API returns Python tracebacks when something breaks\n"
        "Callers should only see a number that they can tell support; the details belong in the log.",
    ),
    (
        "issue_jwt",
        "Auth service: hand out short-lived signed tokens after login\n"
        "The other services verify them with our public key. Put user id, audience and scopes inside.",
    ),
    ("issue_token", "Make a link for resetting a forgotten password that works for 30 minutes"),
    ("issue_token|check_api_key", "Generate API keys for our customers and keep only a hash of them"),
    ("join_path", "Serve a report from the reports directory by the name in the URL; nobody may read other files"),
    ("join_path", "Resolve a file name sent by a client inside /srv/files and refuse ../ tricks"),
    (
        "keep_audit_trail",
        "Log of what administrators do\n"
        "Nobody, not even an administrator, may change or drop an entry without the auditors noticing.",
    ),
    (
        "keep_sessions",
        "Session handling for the intranet\n"
        "New id after login, end after 30 minutes without a click, and a button that signs out everywhere.",
    ),
    ("limit_body", "Requests of several gigabytes bring our FastAPI service down; stop reading at 5 MB"),
    (
        "limit_rate",
        "Public search API: 60 calls a minute for each customer\n"
        "Who asks more often gets a 429 and is told how long to wait.",
    ),
    (
        "load_plugin",
        "Choose the export format by name from the query string\n"
        "The exporters are modules in a package; nobody may get another module imported.",
    ),
    (
        "load_secrets",
        "Get the database password out of our settings.py\n"
        "It shall come from a file that only the service can read, and never turn up in a repr.",
    ),
    (
        "load_state",
        "Replace pickle in our scheduler\n"
        "Its state is saved between runs and read again at the start. The file may have been changed by somebody.",
    ),
    ("load_yaml", "Load the YAML settings that customers upload so that no Python object can be made"),
    (
        "log_untrusted",
        "User names with line breaks forged entries in our log\n"
        "Write what comes from clients so that one event stays one line.",
    ),
    (
        "make_code",
        "Text message with a six-digit number to confirm a phone\nIt ends after five minutes or three wrong tries.",
    ),
    (
        "make_temp_file",
        "Scratch file for the PDF converter in /tmp that other users of the machine can neither read nor swap",
    ),
    (
        "match_pattern",
        "Analysts filter events by their own regular expressions\n"
        "One bad pattern must not keep the server busy for minutes.",
    ),
    (
        "own_record",
        "Show an invoice by its number\n"
        "A customer changed the number in the address bar and saw invoices of other customers. That has to end.",
    ),
    ("page_results", "Create a REST endpoint that lists all users page by page"),
    (
        "page_results",
        "List of orders for the mobile app, 50 at a time\n"
        "The position travels with the next request and nobody may tamper with it.",
    ),
    (
        "parse_json",
        "Read JSON from devices that we do not trust\n"
        "Deeply nested or huge messages and doubled keys should be refused before anything else happens.",
    ),
    ("parse_xml", "Read XML invoices from suppliers without resolving entities"),
    (
        "pseudonymise",
        "Hand usage data to the analytics team without names\n"
        "Replace mail and IP addresses by stable codes that cannot be traced back without our key.",
    ),
    ("query_database|search_like", "Find customers by their surname in SQLite without SQL injection"),
    (
        "query_database|search_like",
        "Function that looks up orders by a search term typed by the user, sorted as the user likes",
    ),
    (
        "query_ldap",
        "Look up an employee in Active Directory by the login that was typed, for the single sign-on page\n"
        "Stars and brackets in it must not widen the search.",
    ),
    (
        "query_mongo",
        "Product catalogue in MongoDB: filter by what the client sends in the query string\n"
        "Operators such as $gt in the input must not reach the database.",
    ),
    (
        "query_xpath",
        "Find a supplier in partners.xml by a name somebody types\n"
        "Quotes in the name must not change the path expression.",
    ),
    (
        "read_compressed",
        "Devices post gzipped telemetry\nUnpack it as it arrives and stop when it grows beyond 20 MB.",
    ),
    (
        "redact_logs",
        "Our log files show bearer tokens and card numbers\n"
        "Mask them in all messages, also in stack traces, without touching every call.",
    ),
    ("render_html", "Show guest book entries on a page so that script in them does not run"),
    (
        "render_user_template",
        "Customers edit the text of their reminder letters with placeholders and if blocks\n"
        "The letters are filled on our server; they may not reach our objects.",
    ),
    (
        "require_permission_django",
        "Every Django view should say which right it needs\nOne that says nothing must be closed to everybody.",
    ),
    (
        "require_permission_fastapi",
        "FastAPI service for the warehouse\n"
        "Each route names the right that the caller needs; what names none is locked.",
    ),
    (
        "require_permission_flask",
        "Flask back office: only people with the right `edit_prices` may change prices, and a new route without "
        "any declaration stays shut",
    ),
    (
        "rotate_keys",
        "The key for our encrypted tax numbers is three years old\n"
        "New values under a new key, old ones still readable, and a job that moves them over.",
    ),
    ("run_command", "Call ImageMagick convert on a file whose name comes from the web form"),
    ("run_command|run_limited", "Start an external tool with a time limit and collect what it prints, without a shell"),
    (
        "run_limited",
        "LibreOffice converts documents of strangers\n"
        "It may use 60 seconds, 1 GB of memory and one core; after that it is killed with all it started.",
    ),
    (
        "search_like",
        "Shop search with price limit, several categories and sorting, all optional\n"
        "The database is SQLite. No string building.",
    ),
    (
        "send_download",
        "Deliver attachments of tickets under the name the customer gave them\n"
        "The browser must save them, not open them.",
    ),
    (
        "send_mail_safely",
        "Contact form on our site\n"
        "Name, address and message go to our office by mail. Nobody may use it to write to others.",
    ),
    (
        "serve_tls",
        "Encrypted listener for our agents\nTLS 1.2 at least, and every agent has to show a certificate of ours.",
    ),
    (
        "set_session_cookie",
        "Cookie for the login of our customer portal\n"
        "Script must not read it, it goes over HTTPS only and not along with requests from other sites.",
    ),
    (
        "sign_in",
        "Login that gives nothing away\n"
        "Wrong password, unknown name and locked account must look the same from outside and take the same time.",
    ),
    (
        "sign_message",
        "Sign our firmware images so that devices can tell they are ours\n"
        "The private key stays on the build machine, devices only hold the public one.",
    ),
    (
        "spend_balance",
        "Gift cards: two purchases at the same second used the same money\n"
        "Take the amount off only when enough is left.",
    ),
    ("start_oauth", "Log in users with OpenID Connect"),
    (
        "start_oauth",
        "Employees sign in with their Microsoft account\n"
        "Send them there and take them back safely, with all checks on the answer.",
    ),
    ("store_upload", "Save the profile photo a member sends us. It arrives as a stream and must be PNG or JPEG."),
    ("store_upload", "Keep product images that sellers upload, without letting a PHP file through"),
    (
        "take_lock",
        "The nightly import must not start while the last one is still running\n"
        "Both are started by cron on the same machine.",
    ),
    ("throttle_logins|limit_rate", "Write a rate limiter for the login page"),
    (
        "throttle_logins",
        "Somebody tries thousands of passwords on our accounts\n"
        "Make each further try wait longer, without locking real customers out.",
    ),
    (
        "verify_download",
        "Installer script fetches a release archive\nIt should only be used when its checksum is the one we noted.",
    ),
    ("verify_totp", "Implement two-factor login with one-time codes from an app"),
    ("verify_webhook", "Accept callbacks of our payment provider only when their HMAC signature is right"),
    ("verify_webhook", "Authenticate messages from GitHub by the shared secret and refuse replays"),
    (
        "write_atomically",
        "Save the settings so that a crash in the middle leaves either the old or the new file, never a torn one",
    ),
    (
        "write_csv",
        "Export of contacts for Excel\n"
        "Some people registered with names that begin with an equals sign. The spreadsheet must not calculate "
        "them.",
    ),
    (
        "store_upload",
        "Save uploaded product photos safely\nWrite `save_photo` for at most 2 MB.",
    ),
    (
        "hash_password",
        "Password hashing for new accounts\nThe function is called `protect`. We have Python 3.12.",
    ),
    (
        "run_limited",
        "Run the document converter with hard limits on memory and time\n512 MB, 30 seconds.",
    ),
    (
        "page_results",
        "Cursor pagination for the orders API\n25 by default, at most 100.",
    ),
    (
        "fetch_url",
        "SSRF-safe download helper\nName: get_remote(url, limit).",
    ),
    (
        "encrypt_file",
        "Ticket 4711\nEncrypt backup files with a passphrase, in pieces because they are large.",
    ),
    (
        "set_session_cookie",
        "Finding from the audit\nThe login cookie lacks Secure and HttpOnly. Write a helper that sets it properly.",
    ),
    (
        "write_csv",
        "Task for the new colleague\n"
        "Our CSV export lets cells that begin with an equals sign run as formulas in Excel. Write one that does "
        "not.",
    ),
    (
        "verify_webhook",
        "Backend helper\nCheck that a call really comes from our payment provider by its signature.",
    ),
    (
        "join_path",
        "Safe path helper for downloads by file name\nWe are on Linux, the folder is /srv/out.",
    ),
)
"""(recipe, task), to choose the rule on."""

MISFITS: tuple[str, ...] = (
    "Sort a list of dates in ascending order",
    "Write a function that computes the VAT of an invoice",
    "Parse command line arguments for our backup script",
    "Make thumbnails of pictures with Pillow",
    "Read a CSV file and sum a column",
    "Sign a PDF with our company's certificate",
    "Implement a cache with least recently used eviction",
    "Delete avatars that are older than 90 days",
    "Back up the PostgreSQL database every night",
    "Write a class for a binary search tree",
    "Compare two folders and list the files that differ",
    "Convert Markdown to PDF",
    "Implement a chat over WebSockets",
    "Train a model that recognises spam",
    "Write unit tests for the invoice module",
    "Validate an IBAN",
    "Count the words in a text file",
    "Rotate log files when they reach 10 MB",
    "Connect to a server over SSH and copy a file",
    "Draw a chart of the sales per month",
    "Build a Docker image for our service",
    "Warn about TLS certificates that run out soon\n"
    "Go through our list of host names every night and report those whose certificate ends within 30 days.",
    "Make thumbnails of avatars\n"
    "Customers upload PNG and JPEG pictures of at most 2 MB. The pictures lie in a folder. Make a thumbnail of 64 "
    "pixels of each.",
    "Nightly statistics\n"
    "Read the orders table of our SQLite database and sum the totals per day. Send the result by e-mail.",
    "Invite users\nAn administrator enters an e-mail address. The address is checked and the user gets a role.",
    "Statistics of failed logins\nCount the failed logins in our log per day and country and draw a map.",
    "Password manager import\nRead the entries that KeePass exported and show how many there are per group.",
    "Move sessions from memory to Redis\nThe session store of our Flask app should survive a restart of the server.",
    "JWT debugger page\nShow header and payload of a token that a developer pastes, nicely indented.",
    "Migration of users\nCopy all accounts from the old MySQL table to the new one. Passwords stay as they are.",
    "Price list\nRead the prices from an XML file of the supplier and multiply them by the exchange rate.",
    "Merge PDF files\nUsers pick several PDF documents and get one file in which all pages follow each other.",
    "Newsletter\nSend the monthly letter to 5000 subscribers in batches and count the bounces.",
    "Search suggestions\nWhile the user types a product name, suggest the five most frequent completions.",
    "Mock of the payment provider for our tests\nIt answers every payment with success after half a second.",
    "Inventory of API routes\nList all endpoints of our FastAPI service with their parameters as a Markdown table.",
    "Reduce the size of our container\nThe image has 2 GB. Use several build stages and a smaller base.",
    "Cron expression parser\nTell in words when a job will run the next time.",
    "Replace print by logging in our scripts\n"
    "Every module should have a logger of its own, with the level set in one place.",
    "Type hints for the billing package\nAdd annotations so that mypy runs in strict mode.",
    "Undo and redo for the drawing program\nEvery change of the user is a command object that can be taken back.",
    "Speed up the product list\n"
    "The query takes four seconds because the table has no index. Find out which are needed.",
    "Password reset statistics\nHow many of our users reset their password in each month? A bar chart is enough.",
    "Upload progress bar\nShow how much of a picture has been uploaded, with the time that is left.",
    "Refactor the login view\nIt is 300 lines long. Split it into smaller functions without changing what it does.",
    "Pick a random winner among the customers who answered our survey",
    "Rename photos by the date on which they were taken",
    "Webhook simulator\nPost ten example events to our test server, one every second.",
    "XML to JSON converter\nTurn the product feed of our warehouse into JSON.",
    "Explain our nginx configuration in plain words",
    "Split a large log file into one file per day",
    "Add an index page to the API documentation\nIt links the three versions and says which one is current.",
    "Simulate a queue in a bank with two counters",
    "Fuzzy search in a list of city names, also with typing errors",
    "Ping all printers every hour and write down which are off",
)
"""Tasks that no recipe answers, near ones and far ones, to choose the rule on."""

FITS_HELD_OUT: tuple[tuple[str, str], ...] = (
    (
        "accept_input",
        "Form data for a new supplier arrives as JSON\n"
        "Reject what is not in our model, texts that are too long and numbers sent as text.",
    ),
    (
        "accept_once",
        "Transfers were booked twice because the app repeated its call after a timeout\n"
        "Recognise the repetition by the key that comes with it.",
    ),
    (
        "add_security_headers",
        "Nobody may put our booking page into a frame, and inline scripts without our mark must not run",
    ),
    (
        "allow_origin",
        "Partner portals call our REST service from JavaScript\n"
        "There is a list of their addresses. At the moment we simply answer with a star.",
    ),
    (
        "ask_model",
        "Chatbot that answers from product reviews\n"
        "Reviews are written by anybody. What they say must be data for the model, not orders.",
    ),
    (
        "call_with_retries|fetch_url",
        "Send notifications\n"
        "When an invoice is paid, call the customer's URL with a JSON body and try again three times.",
    ),
    (
        "call_with_retries",
        "The weather service is flaky\n"
        "Our job should wait and ask again, longer each time, and not all workers at the same moment.",
    ),
    (
        "change_password",
        "Let signed-in staff pick another password\n"
        "They have to prove they know the present one, and open sessions elsewhere end.",
    ),
    (
        "check_api_key",
        "Access for scripts of our customers\n"
        "The header X-Key holds a long random text. See whether it belongs to somebody, has not run out and "
        "covers `orders:read`.",
    ),
    ("check_csrf", "The form for changing the bank account needs a hidden token that only fits this user's session"),
    ("check_host", "Reset mails must contain our own address, whatever Host header the client sent"),
    (
        "check_jwt",
        "Microservice gets an access token in the Authorization header\n"
        "Make sure it was signed by our login server and meant for us.",
    ),
    (
        "check_lockfile",
        "Supply chain check\n"
        "Go through the pip requirements of a repository and name all that could change under our hands, such as "
        "ranges and git links.",
    ),
    (
        "check_password_strength",
        "Policy for new passwords in the customer portal: at least 12 signs, not one of the leaked ones, no "
        "keyboard rows",
    ),
    ("check_redirect", "Validate the return URL parameter so that phishers cannot abuse our domain"),
    (
        "check_websocket_origin",
        "Socket for notifications is opened by foreign web pages in the victim's browser\n"
        "Refuse that at connection time.",
    ),
    (
        "clean_html",
        "Product descriptions by sellers contain HTML\n"
        "Let paragraphs, emphasis and links to https through and throw everything else away.",
    ),
    (
        "compare_secret",
        "Cron service calls us with a fixed pass phrase\n"
        "Test it without leaking by timing, and let the old phrase count for another week.",
    ),
    (
        "connect_postgres",
        "psycopg helper for the reporting tool\nRead only, encrypted with a checked certificate, and not as superuser.",
    ),
    (
        "connect_tls",
        "Our script switches off certificate checks to talk to the scanner appliance\n"
        "It has a self-signed certificate. Do it properly.",
    ),
    (
        "drop_privileges",
        "Service begins with root rights because of a device file, afterwards it should run as an ordinary account",
    ),
    (
        "encrypt_file",
        "Send medical records on a USB stick\n"
        "Each file is locked with a passphrase; a damaged file must be noticed when it is opened.",
    ),
    (
        "evaluate_formula",
        "Bonus rules are kept as text like `sales * 0.03 - 50`\nWork them out with the numbers of each employee.",
    ),
    ("extract_archive", "Extract tarballs from the internet without files landing outside the target folder"),
    ("extract_archive", "Handle an uploaded .tar.gz: unpack it, limited to 200 files"),
    (
        "extract_archive",
        "Import of customer data\n"
        "Customers send a ZIP archive. Unpack it into a new folder, without zip slip and zip bombs.",
    ),
    ("fetch_url", "Import a feed from an address the customer gives; block requests to the metadata service"),
    ("fetch_url", "Test whether a customer's webhook address answers, without opening the door to SSRF"),
    (
        "fetch_url",
        "Link preview\n"
        "Users paste a link into the chat. Fetch the page without SSRF, https only, with a timeout of 5 seconds.",
    ),
    ("hash_password", "Replace unsalted SHA-1 password hashing by something slow"),
    ("hash_password", "Store credentials for the customer portal: hash with salt, verify later"),
    (
        "hash_password",
        "Helper for the login service\n"
        "We need a function that hashes a password when the account is made and checks it at login. It shall use "
        "the standard library only.",
    ),
    (
        "hide_error",
        "Failures in the booking API\n"
        "Visitors got to see SQL and paths. Give them a friendly text with a reference, and us the whole story in "
        "the log file.",
    ),
    (
        "issue_jwt",
        "Create access tokens for our mobile app\n"
        "Signed, good for ten minutes, with audience and a key id so that we can change keys.",
    ),
    ("issue_token|make_code", "Create the confirmation code for a new e-mail address, valid for one day"),
    ("issue_token|keep_sessions", "Session identifiers that nobody can guess"),
    ("issue_token", "Token for an unsubscribe link that runs out after two weeks"),
    (
        "issue_token",
        "Forgotten password\n"
        "Create a reset token that is mailed to the user as a link. It works for one hour. Only a hash of it may "
        "be stored.",
    ),
    ("join_path", "Open an attachment by name, below one directory only, also when someone plants a symlink"),
    ("join_path", "Let people fetch their statements by file name without path traversal"),
    ("join_path", "Read a template named in the request from the templates folder, nothing else"),
    (
        "join_path",
        "Download page\n"
        "Customers download their statements by file name. Nobody may read a file outside the statements folder.",
    ),
    (
        "keep_audit_trail",
        "Who granted which right, and when\n"
        "The list has to be tamper-evident: removed or edited lines must show up in a check.",
    ),
    (
        "keep_sessions",
        "After signing out the old session was still good\n"
        "Keep sessions on the server with a maximum age and end all of a person's when a phone is stolen.",
    ),
    (
        "limit_body",
        "Cap for uploads in our Starlette app\nSome clients send no Content-Length at all, so count what comes in.",
    ),
    (
        "limit_rate",
        "One customer hammers our API and the others wait\n"
        "Allow short bursts but no more than 10 requests a second in the long run, per key.",
    ),
    (
        "load_plugin",
        "Report types are named in the configuration\n"
        "Map the name to the class that makes the report; an unknown name gives a clear error.",
    ),
    (
        "load_secrets",
        "Tokens are in the source code of our bot\n"
        "Read them at start from outside and make sure they are not printed by accident.",
    ),
    (
        "load_state",
        "Our game server saves progress as JSON\nReading it back has to check every field and must not run anything.",
    ),
    ("load_yaml", "Read a YAML file from an untrusted source with aliases refused"),
    (
        "log_untrusted",
        "Clean what visitors typed before it goes to the log: no control characters, no colours, limited length",
    ),
    ("make_code", "Voucher codes that customers can read out over the phone, without 0 and O or 1 and I"),
    (
        "make_temp_file",
        "The batch job writes salaries to a temporary file\n"
        "No other account may open it, and nobody may place a link there before us.",
    ),
    (
        "match_pattern",
        "Search in log files by a regex from the web form\nCatastrophic backtracking has brought us down twice.",
    ),
    (
        "own_record",
        "Delete a note only when it belongs to the person who is signed in\n"
        "For all others it should look as if it did not exist.",
    ),
    (
        "page_results",
        "The customer list returns 200 000 rows at once\nGive it out in portions, with a marker for where to go on.",
    ),
    (
        "parse_json",
        "Webhook bodies: strict JSON only\nNo NaN, no 10 MB of brackets, no key twice.",
    ),
    ("parse_xml", "Process a SOAP message from outside with external entities switched off"),
    (
        "pseudonymise",
        "Test data from production\n"
        "E-mail addresses and phone numbers have to become the same meaningless value every time, by a secret "
        "key.",
    ),
    ("query_database", "Rewrite our string-built SELECT so that it uses placeholders"),
    ("query_database|search_like", "Search the parts table by description, text comes from the web, bind the values"),
    (
        "query_database|search_like",
        "Search for the parts list\n"
        "The user types part of a name. Find matching rows in SQLite with bound parameters, at most 50.",
    ),
    (
        "query_ldap",
        "Sign-on against our OpenLDAP server\n"
        "The name goes into the filter, so escape it. An empty password must not succeed.",
    ),
    (
        "query_mongo",
        "Users could log in by sending an object instead of a text to our pymongo code\n"
        "Build the query so that only plain values count.",
    ),
    (
        "query_xpath",
        "Our lxml lookup pastes the article number into the XPath text\nHand it over as a variable instead.",
    ),
    ("read_compressed", "Decompress zlib streams of agents without a tiny message filling the memory"),
    (
        "redact_logs",
        "Secrets keep turning up in our application log\n"
        "A filter for all handlers should black out passwords and keys.",
    ),
    ("render_html", "Put a user's comment and link into an HTML page with escaping"),
    (
        "render_user_template",
        "Tenants write their own invoice layout in Jinja\n"
        "It has to run locked in, so that it cannot read our configuration or loop for ever.",
    ),
    (
        "require_permission_django",
        "Django project with 80 views\n"
        "Some have no access check. Let a middleware refuse those, and let the others name the permission.",
    ),
    ("require_permission_fastapi", "Lock down all endpoints of our FastAPI backend by default and open them by role"),
    (
        "require_permission_flask",
        "Roles for our Flask admin pages\n"
        "A decorator says who may enter. Pages where it was forgotten must not be public.",
    ),
    (
        "rotate_keys",
        "Encrypted columns should move to a fresh key while the application runs\n"
        "Each value has to say which key it needs.",
    ),
    ("run_command", "Get rid of os.system in our thumbnailer. The operands come from users."),
    ("run_command", "Run ffmpeg on an uploaded video without risking command injection"),
    (
        "run_limited",
        "Students hand in programs that we execute\n"
        "Bound their memory, time and output so that the machine stays usable.",
    ),
    (
        "search_like",
        "Filter for the ticket list\n"
        "Status (several), assignee and text are all optional and the column to sort by is chosen by the user. "
        "Bind everything.",
    ),
    (
        "send_download",
        "Users download files that other users uploaded\n"
        "An HTML file among them must not run in our site, and strange file names must not break the header.",
    ),
    (
        "send_mail_safely",
        "Feedback page mails us what visitors write\nLine breaks in the subject were used to add recipients.",
    ),
    (
        "serve_tls",
        "Secure socket server for the factory controllers\n"
        "Old protocol versions off, clients identify themselves by certificate.",
    ),
    (
        "set_session_cookie",
        "Scanner complains about our session cookie: no Secure, no HttpOnly, no SameSite. Write the header right.",
    ),
    (
        "sign_in",
        "Pentest: our login page tells which mail addresses are registered\n"
        "Rewrite the check of name and password so that it does not.",
    ),
    (
        "sign_message",
        "Partners want proof that our price list comes from us\n"
        "Sign it with a private key; they check it with the public one.",
    ),
    (
        "spend_balance",
        "Tickets in stock went negative during the rush\nReduce the number safely when many buy at once.",
    ),
    (
        "start_oauth",
        "Button `Continue with GitHub`\nBuild the redirect with PKCE and handle what comes back.",
    ),
    ("store_upload", "Write `keep_picture` for our gallery: takes the uploaded picture and puts it in a folder"),
    ("store_upload", "Accept a logo file from a company's settings page and write it to disk safely"),
    (
        "store_upload",
        "Avatar upload for the portal\n"
        "Customers choose a picture in their profile. It must be PNG or JPEG, at most 1 MB. Store it so that "
        "nobody can run a script from it.",
    ),
    (
        "take_lock",
        "Two copies of our synchroniser destroyed each other's data\n"
        "Only one may work at a time, and a crashed one must not block the next.",
    ),
    (
        "throttle_logins",
        "Rate limit for the login\n"
        "Users log in with a password. After 5 wrong passwords in a minute the account waits.",
    ),
    (
        "verify_download",
        "Our setup loads a binary from a mirror\nCompare its hash with the pinned one before it is installed.",
    ),
    (
        "verify_totp",
        "Second factor for administrators\nThey type the six digits that their phone shows. A number counts once only.",
    ),
    ("verify_webhook", "Receive signed events from another service; old ones must be rejected"),
    (
        "verify_webhook",
        "Payment notifications\n"
        "The payment provider calls us when an invoice is paid. Check the HMAC signature of the body and refuse "
        "old messages.",
    ),
    (
        "write_atomically",
        "Readers sometimes see half of our status file\nReplace it in one step, also when the power fails.",
    ),
    (
        "write_csv",
        "Download of survey answers as a table\n"
        "Answers like =cmd() must stay text when somebody opens it in a spreadsheet.",
    ),
    (
        "query_database|search_like",
        "Customer search without SQL injection\nWrite `find_customers(connection, text)`, at most 20 rows.",
    ),
    (
        "issue_token",
        "Token for password reset links\nValid for 15 minutes. Call it new_reset_token.",
    ),
    (
        "extract_archive",
        "Safe unzip function\nAt most 500 files and 50 MB.",
    ),
    (
        "limit_rate",
        "Rate limiting for the public API\n100 requests per minute, burst of 20.",
    ),
    (
        "verify_totp",
        "TOTP check for the admin login\nSix digits, one step of tolerance.",
    ),
    (
        "send_mail_safely",
        "Work package 3\n"
        "Mails from the contact page must not be abused to reach other recipients by line breaks in the subject.",
    ),
    (
        "check_jwt",
        "Helper for the gateway\nValidate the signature, issuer, audience and expiry of JSON Web Tokens.",
    ),
    (
        "parse_xml",
        "Small thing for the import team\nRead supplier XML without entity expansion or external DTDs.",
    ),
    (
        "throttle_logins",
        "Follow-up of the pentest\nSlow down brute force on passwords for each account and each address.",
    ),
    (
        "own_record",
        "Bug 982\nUsers can open other users' invoices by changing the id. Load an invoice only for its owner.",
    ),
)
"""As FITS; not used to choose the rule."""

MISFITS_HELD_OUT: tuple[str, ...] = (
    "Resize uploaded videos to 720p in the background",
    "Migrate our SQLite database to PostgreSQL",
    "Write a decorator that measures how long a function takes",
    "Generate an XML sitemap for our shop",
    "Fill an Excel template with the figures of the quarter",
    "Detect faces in pictures",
    "Pretty-print the JSON files of our test data",
    "Find duplicate files in a folder by their hash",
    "Show the weather for a city",
    "Scan our network for open ports",
    "Translate the web page into German",
    "Merge two YAML files",
    "Watch a directory and react to new files",
    "Compress old logs\nLog files older than 30 days are put into a ZIP archive in another folder.",
    "Web crawler\nDownload all pages of our own web site and count broken links. At most 10 pages per second.",
    "Virus scan\nFiles that customers upload are scanned with ClamAV before they are shown.",
    "Dashboard of logins\nShow how many people are signed in right now and for how long on average.",
    "Cookie banner\nAsk visitors for their consent and remember the choice for a year.",
    "Text extraction\nGet the plain text out of PDF and Word files that customers upload, for the search index.",
    "Clean up the sessions table\nDelete rows that are older than a year with a job at night.",
    "Anomaly detection\nFind unusual amounts among the payments of the last month.",
    "Load test\nSend 500 requests a second to our API and report the latency at the 99th percentile.",
    "Documentation of our REST API\nWrite an OpenAPI description for the three endpoints of the order service.",
    "Dark mode\nRemember which colours the user prefers and switch the style sheet.",
    "Invoice numbers without gaps\nEach new invoice gets the next number of the year.",
    "Convert a CSV file with addresses to vCards",
    "Terraform module for a storage bucket with versioning",
    "Game of life in the terminal",
    "Shuffle a deck of cards and deal it to four players",
    "Calendar export\nMake an iCalendar file of the meetings of a team.",
    "QR code with the address of our shop as an SVG picture",
    "Parse dates in German and English notation",
    "Average length of a session\nCompute from the access log how long visitors stay on our site.",
    "Photo album page\nShow the uploaded pictures in a grid with three columns.",
    "Rename the functions of the login module to our naming scheme",
    "Random maze generator",
    "Import contacts from a CSV file into the address book table",
    "Write a command that prints the version of every installed package",
    "Turn our REST client into an asynchronous one\nIt uses requests now and should use httpx with asyncio.",
    "List the largest files on a disk",
    "Monitor the queue length in Redis and draw it live",
    "Highlight the search term in a list of results",
    "Read the temperature sensor over the serial port\nOne value per second, written to SQLite.",
    "Database schema for a library of books\nTables for books, authors, copies and loans.",
    "Restart a service when its memory grows beyond 2 GB\nIt leaks, and nobody has time to find out why.",
)
"""As MISFITS; not used to choose the rule."""
