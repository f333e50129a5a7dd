"""Drafting tasks in our own words: those that a recipe of the shelf answers, and those that none does."""

FITS: tuple[tuple[str, str], ...] = (
    ("store_upload", "Save the profile photo a member sends us. It arrives as a stream and must be PNG or JPEG."),
    ("store_upload", "Keep product images that sellers upload, without letting a PHP file through"),
    ("store_upload", "Write `keep_picture` for our gallery: takes the uploaded picture and puts it in a folder"),
    ("query_database", "Find customers by their surname in SQLite without SQL injection"),
    ("query_database", "Function that looks up orders by a search term typed by the user, sorted as the user likes"),
    ("query_database", "Rewrite our string-built SELECT so that it uses placeholders"),
    ("run_command", "Call ImageMagick convert on a file whose name comes from the web form"),
    ("run_command", "Start an external tool with a time limit and collect what it prints, without a shell"),
    ("run_command", "Get rid of os.system in our thumbnailer. The operands come from users."),
    ("join_path", "Serve a report from the reports directory by the name in the URL; nobody may read other files"),
    ("join_path", "Resolve a file name sent by a client inside /srv/files and refuse ../ tricks"),
    ("join_path", "Open an attachment by name, below one directory only, also when someone plants a symlink"),
    ("extract_archive", "Unpack zip files that partners send us, with a cap on the number of files and bytes"),
    ("extract_archive", "Unzip a customer's export into a new directory; beware of zip bombs"),
    ("extract_archive", "Extract tarballs from the internet without files landing outside the target folder"),
    ("fetch_url", "Download the picture behind a link that a user entered, but never from our internal network"),
    ("fetch_url", "Retrieve a page for a link preview, https only, at most 1 MB"),
    ("fetch_url", "Import a feed from an address the customer gives; block requests to the metadata service"),
    ("hash_password", "Keep our members' passwords so that a stolen table is of little use"),
    ("hash_password", "Check a password at login against the stored hash"),
    ("hash_password", "Replace unsalted SHA-1 password hashing by something slow"),
    ("issue_token", "Make a link for resetting a forgotten password that works for 30 minutes"),
    ("issue_token", "Generate API keys for our customers and keep only a hash of them"),
    ("issue_token", "Create the confirmation code for a new e-mail address, valid for one day"),
    ("verify_webhook", "Accept callbacks of our payment provider only when their HMAC signature is right"),
    ("verify_webhook", "Authenticate messages from GitHub by the shared secret and refuse replays"),
    ("check_redirect", "After login send the user back to the page in `next`, but never to another site"),
    ("parse_xml", "Read XML invoices from suppliers without resolving entities"),
    ("load_yaml", "Load the YAML settings that customers upload so that no Python object can be made"),
    ("render_html", "Show guest book entries on a page so that script in them does not run"),
)
"""(recipe, task): as an analyst might type it."""

MISFITS: tuple[str, ...] = (
    "Sort a list of dates in ascending order",
    "Write a function that computes the VAT of an invoice",
    "Parse command line arguments for our backup script",
    "Send an e-mail with an attachment through our SMTP server",
    "Make thumbnails of pictures with Pillow",
    "Encrypt a file with a passphrase",
    "Read a CSV file and sum a column",
    "Write a rate limiter for the login page",
    "Sign a PDF with our company's certificate",
    "Implement a cache with least recently used eviction",
    "Create a REST endpoint that lists all users page by page",
    "Log in users with OpenID Connect",
    "Check a JWT and its claims",
    "Delete avatars that are older than 90 days",
    "Back up the PostgreSQL database every night",
    "Write a class for a binary search tree",
    "Compare two folders and list the files that differ",
    "Convert Markdown to PDF",
    "Implement a chat over WebSockets",
    "Train a model that recognises spam",
    "Set security headers in our Django settings",
    "Write unit tests for the invoice module",
    "Validate an IBAN",
    "Count the words in a text file",
    "Add CSRF protection to our forms",
    "Rotate log files when they reach 10 MB",
    "Connect to a server over SSH and copy a file",
    "Draw a chart of the sales per month",
    "Check the certificate of a TLS server and its expiry date",
    "Build a Docker image for our service",
)
"""Tasks, some close in words, that no recipe answers."""

FITS_HELD_OUT: tuple[tuple[str, str], ...] = (
    ("store_upload", "Accept a logo file from a company's settings page and write it to disk safely"),
    ("query_database", "Search the parts table by description, text comes from the web, bind the values"),
    ("run_command", "Run ffmpeg on an uploaded video without risking command injection"),
    ("join_path", "Let people fetch their statements by file name without path traversal"),
    ("extract_archive", "Handle an uploaded .tar.gz: unpack it, limited to 200 files"),
    ("fetch_url", "Test whether a customer's webhook address answers, without opening the door to SSRF"),
    ("hash_password", "Store credentials for the customer portal: hash with salt, verify later"),
    ("issue_token", "Session identifiers that nobody can guess"),
    ("verify_webhook", "Receive signed events from another service; old ones must be rejected"),
    ("check_redirect", "Validate the return URL parameter so that phishers cannot abuse our domain"),
    ("parse_xml", "Process a SOAP message from outside with external entities switched off"),
    ("load_yaml", "Read a YAML file from an untrusted source with aliases refused"),
    ("render_html", "Put a user's comment and link into an HTML page with escaping"),
    ("issue_token", "Token for an unsubscribe link that runs out after two weeks"),
    ("join_path", "Read a template named in the request from the templates folder, nothing else"),
)
"""As FITS; not used to choose the threshold."""

MISFITS_HELD_OUT: tuple[str, ...] = (
    "Resize uploaded videos to 720p in the background",
    "Migrate our SQLite database to PostgreSQL",
    "Write a decorator that measures how long a function takes",
    "Generate an XML sitemap for our shop",
    "Export a table to Excel",
    "Detect faces in pictures",
    "Parse JSON and pretty-print it",
    "Find duplicate files in a folder by their hash",
    "Show the weather for a city",
    "Implement two-factor login with one-time codes from an app",
    "Scan our network for open ports",
    "Translate the web page into German",
    "Merge two YAML files",
    "Watch a directory and react to new files",
    "Write a password strength meter",
)
"""As MISFITS; not used to choose the threshold."""

FITS_WITH_CONTEXT: tuple[tuple[str, str], ...] = (
    (
        "store_upload",
        "Avatar upload for the portal\n"
        "Customers choose a picture in their profile. It must be PNG or JPEG, at most 1 MB. Store it so that "
        "nobody can run a script from it.",
    ),
    (
        "hash_password",
        "Helper for the login service\n"
        "We need a function that hashes a password when the account is made and checks it at login. It shall "
        "use the standard library only.",
    ),
    (
        "query_database",
        "Search for the parts list\n"
        "The user types part of a name. Find matching rows in SQLite with bound parameters, at most 50.",
    ),
    (
        "issue_token",
        "Forgotten password\n"
        "Create a reset token that is mailed to the user as a link. It works for one hour. Only a hash of it "
        "may be stored.",
    ),
    (
        "extract_archive",
        "Import of customer data\n"
        "Customers send a ZIP archive. Unpack it into a new folder, without zip slip and zip bombs.",
    ),
    (
        "fetch_url",
        "Link preview\n"
        "Users paste a link into the chat. Fetch the page without SSRF, https only, with a timeout of 5 "
        "seconds.",
    ),
    (
        "verify_webhook",
        "Payment notifications\n"
        "The payment provider calls us when an invoice is paid. Check the HMAC signature of the body and "
        "refuse old messages.",
    ),
    (
        "join_path",
        "Download page\n"
        "Customers download their statements by file name. Nobody may read a file outside the statements "
        "folder.",
    ),
)
"""As FITS, with a title that says little and a description."""

MISFITS_WITH_CONTEXT: tuple[str, ...] = (
    "Make thumbnails of avatars\n"
    "Customers upload PNG and JPEG pictures of at most 2 MB. The pictures lie in a folder. Make a "
    "thumbnail of 64 pixels of each.",
    "Rate limit for the login\nUsers log in with a password. After 5 wrong passwords in a minute the account waits.",
    "Nightly statistics\n"
    "Read the orders table of our SQLite database and sum the totals per day. Send the result by e-mail.",
    "Invite users\nAn administrator enters an e-mail address. The address is checked and the user gets a role.",
    "Compress old logs\nLog files older than 30 days are put into a ZIP archive in another folder.",
    "Web crawler\nDownload all pages of our own web site and count broken links. At most 10 pages per second.",
    "Send notifications\nWhen an invoice is paid, call the customer's URL with a JSON body and try again three times.",
    "Virus scan\nFiles that customers upload are scanned with ClamAV before they are shown.",
)
"""Tasks that no recipe answers, although their surroundings are those of one."""
