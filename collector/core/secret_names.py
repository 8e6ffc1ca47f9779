"""Names that mean a secret: of keys, tags, parameters, variables, headers, options; and values that are none anyway."""

from __future__ import annotations

import re
from functools import lru_cache


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_SECRETS = words(
    "password passwords passwd passwort pwd pwds pw pass passphrase passphrases passcode passcodes pincode pin "
    "secret secrets token tokens jwt jwts jwe cookie cookies credential credentials creds cred dsn dsns authorization "
    "bearer apikey apikeys otp totp mnemonic seed psk sas keytab kubeconfig netrc htpasswd pgpass dockerconfigjson "
    "dockercfg userdata customdata cloudinit connectionstring connectionstrings connstr connstring"
)
"""Words that mean a secret by themselves, at the end of a name."""

# In an order that is the same in each process: digests of checks see it.
_ENDINGS = tuple(
    sorted(
        words(
            "password passwords passwd passphrase passcode secret secrets token tokens apikey apikeys secretkey "
            "accesskey privatekey signingkey encryptionkey sharedkey accountkey masterkey authkey credential "
            "credentials cookie cookies connectionstring pwd userdata startupscript"
        )
    )
)
"""The same at the end of a word that is written as one: `dbpassword`, `myapikey`."""

_KEYS_OF = words(
    "api access private secret signing encryption decryption shared account storage master primary secondary auth "
    "admin function hmac write ingest ingestion integration routing subscription application app license session jwt "
    "service webhook root cipher crypto aes rsa ecdsa ed25519 ssh pgp gpg tls ssl sas otp consumer client "
    "instrumentation"
)
"""What a key is of that is a secret; a key of anything else is a name."""

_SERVERS = words(
    "database db redis mongo mongodb amqp rabbitmq broker postgres postgresql mysql mariadb sentry celery cache "
    "elasticsearch kafka smtp ldap sql jdbc connection conn rabbit nats couchdb webhook sas presigned signed "
    "callback hook"
)
_PAIRS = frozenset(
    {f"{server} {ending}" for server in _SERVERS for ending in ("url", "uri")}
    | {f"{what} {ending}" for what in ("connection", "conn", "connect") for ending in ("string", "str", "strings")}
    | {f"{what} auth" for what in words("basic http docker registry npm proxy user redis smtp")}
    | {
        *("user data", "custom data", "cloud init", "startup script", "shutdown script", "bootstrap script"),
        *("init script", "boot script", "launch script", "cloud config", "script ps1", "script url", "script cmd"),
        *("script bat", "mime multipart", "pass wd", "pass word", "pass phrase", "pass code", "set cookie"),
        *("id rsa", "id ed25519", "id ecdsa", "id dsa", "private pem", "key pem", "key material", "kube config"),
        *("github pat", "access pat", "gitlab pat", "git pat", "azure pat", "devops pat", "personal access"),
        *("recovery code", "recovery codes", "backup code", "backup codes", "security answer", "one time code"),
        *("seed phrase", "recovery phrase", "signed request", "client assertion", "secret text", "secure value"),
        *("password hash", "password digest", "passwd hash", "pass hash", "token hash", "key base", "auth header"),
    }
)
"""Two words that mean a secret together, at the end of a name."""

_PLAIN_KEYS = words("public publishable partition sort foreign row cache idempotency hash range")

_NEUTRAL = words(
    "value values string text plain plaintext clear cleartext b64 base64 encoded encrypted raw current previous old "
    "new prod production dev development test testing stage staging live main default env var b pem"
)
"""Words behind a secret's word that leave its meaning: `passwordValue`, `token_b64`."""

_ABOUT = words(
    "id ids arn arns name names status state date time at on last used age days day ttl expiry expires expiration "
    "expire expired expiring lifetime length min max policy policies type types format algorithm alg count number "
    "limit limits enabled enable disabled disable required require requires reset rotation rotated rotate version "
    "versions url uri endpoint endpoints host port path file filename dir directory location scope scopes permission "
    "permissions mode prefix suffix hint label description title owner user username users role roles manager store "
    "provider issuer audience aud bucket region account source sources ref refs reference method methods class kind "
    "spec scanning protection bypass history reuse complexity strength usage info metadata exists present configured "
    "valid validity validation verified changed change modified created create updated update creation rules rule "
    "options option settings setting config configuration report service services support allowed digits characters "
    "minutes seconds hours size ms sec timeout interval period claims claim group groups vault engine backend plugin "
    "header updates request requests response binding bindings lookup cooldown attempts retries failures count total "
    "less duration exchange rate usages quota quotas budget deleted delete deletion visible visibility encryption "
    "revocation revoked public fingerprint thumbprint checksum domain domains samesite secure httponly consent"
)
"""Words behind a secret's word that tell about it: `PasswordLastUsed`, `TOKEN_TTL`."""

_ABOUT_INSIDE = _ABOUT - {"header", "hash", "group", "setting", "present", "engine", "refs", "digits"} | {
    "minimum",
    "maximum",
    "enum",
    "required",
    "example",
    "examples",
    "items",
    "pattern",
    "href",
    "link",
    "links",
    "scheme",
    "kid",
    "kids",
    "question",
    "revocation",
    "summary",
    "tags",
    "identifier",
    "email",
    "emails",
}
_NUMBER_OF = words("max min num total count limit input output prompt completion number remaining")

_HEADERS = re.compile(
    r"(?i)(?:x-)?(?:[\w-]+-)?(?:api-?key|auth(?:entication|orization)?(?:-(?:token|key|email))?|access-token"
    r"|csrf-token|functions-key|signature|subscription-key|session-id|session|jwt-assertion|amz-security-token)"
)


_NO_NAME = re.compile(r"[{}?()]|\S\s+\S+\s+\S+\s+\S|^[A-Z]+ /|^/api/")


def tells_about(name: str) -> bool:
    """Whether a text at a key of this name tells about a secret beside or around it: its id, its kind, when it ends."""
    parts = _WORDS.findall(name)
    return bool(parts) and parts[-1].lower() in _ABOUT_INSIDE


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Whether the text at a key of this name, or beside it, is a secret whatever it looks like."""
    if len(name) > 200 or _NO_NAME.search(name) is not None:  # noqa: PLR2004  no name
        return False
    if name.lower().endswith(_IN_OTHER_WORDS):
        return True
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[0] in _NUMBER_OF or (len(words) > 1 and words[-2] in _NUMBER_OF):
        return False
    if _ends_in_secret(words) or ("-" in name and _HEADERS.fullmatch(name) is not None):
        return True
    while len(words) > 1 and (words[-1] in _NEUTRAL or words[-1].isdecimal()):
        words.pop()
        if _ends_in_secret(words):
            return True
    return _is_variable(name) and _is_secret_variable(words)


_IN_OTHER_WORDS = (
    *("kennwort", "passwort", "geheimnis", "motdepasse", "mot de passe", "mot_de_passe", "contraseña", "contrasena"),
    *("wachtwoord", "lösenord", "losenord", "hasło", "heslo", "jelszó", "salasana", "adgangskode", "пароль", "密码"),
    *("密碼", "パスワード", "비밀번호", "كلمة المرور", "סיסמה"),
    *("password", "passwd", "passphrase", "apikey", "secretkey"),
)
"""How names end that mean a secret in languages other than English, or in letters of mixed size."""


def _ends_in_secret(words: list[str]) -> bool:
    last = words[-1]
    if last in _SECRETS or last.endswith(_ENDINGS):
        return True
    if len(words) == 1:
        return last in {
            "auth",
            "sessionid",
            "jsessionid",
            "phpsessid",
            "privatekey",
            "databaseurl",
            "dburl",
            "redisurl",
            "mongouri",
            "sasurl",
            "webhookurl",
        }
    before = words[-2]
    if last in {"key", "keys"}:
        return before in _KEYS_OF and words[-3:-2] != ["public"]
    return f"{before} {last}" in _PAIRS


def _is_variable(name: str) -> bool:
    """Whether a name is written as those of environment variables are: `DB_PASS_PROD`."""
    return name.isupper() and "_" in name and len(name) > 3  # noqa: PLR2004  A_B


def _is_secret_variable(words: list[str]) -> bool:
    """Whether a variable is one: a secret's word in any place, without a word behind it that tells about it."""
    last = words[-1]
    if last == "key":
        return words[-2] not in _PLAIN_KEYS and "public" not in words
    if last in {"auth", "salt", "pat", "credential", "webhook", "signature", "hmac"}:
        return True
    for at in range(len(words) - 1, -1, -1):
        if words[at] in _SECRETS or words[at].endswith(_ENDINGS):
            return not any(word in _ABOUT for word in words[at + 1 :])
    return False


_PLACES = {
    "environment": "variables",
    "environmentvariables": "variables",
    "environmentoverrides": "variables",
    "env": "variables",
    "envs": "variables",
    "envvars": "variables",
    "envvariables": "variables",
    "environ": "variables",
    "variables": "variables",
    "stagevariables": "variables",
    "secretvariables": "variables",
    "buildargs": "variables",
    "buildenvironment": "variables",
    "appsettings": "variables",
    "siteconfigappsettings": "variables",
    "secretenvironmentvariables": "variables",
    "localsettings": "variables",
    "templateparameters": "variables",
    "stackparameters": "variables",
    "protectedsettings": "variables",
    "customheaders": "headers",
    "headers": "headers",
    "requestheaders": "headers",
    "responseheaders": "headers",
    "httpheaders": "headers",
    "defaultheaders": "headers",
    "originheaders": "headers",
    "origincustomheaders": "headers",
    "headerparameters": "headers",
    "querystringparameters": "headers",
    "bodyparameters": "headers",
}


@lru_cache(maxsize=8192)
def place_of(name: str) -> str:
    """Return "variables" or "headers" for a key that holds names with values of a company's own; else nothing."""
    letters = "".join(char for char in name.lower() if char.isalpha())
    if letters.endswith(("environmentvariables", "environmentvars", "envvars")):
        return "variables"
    return _PLACES.get(letters, "")


_NO_SECRET = re.compile(
    r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:\S*"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
    r"|(?i:true|false|null|none|nil|undefined|required|optional|enabled|disabled|yes|no|on|off|never|always|n/a|default|get|list|set|delete|backup"
    r"|restore|recover|purge|all|read|write|string|object|boolean|integer|number|array|password|token|secret)"
    r"|(?:[*x•]{3,}|\.\.\.)"
    r"|\$\{[^{}$]*\}|\$\([^()]*\)|\$[A-Z][A-Z0-9_]*|\$\{\{[^{}]*\}\}|\{\{[^{}]*\}\}|<[^<>]*>|%[A-Z_]+%|%[sdr]"
    r"|(?:Edm|graph)\.[A-Za-z0-9]{3,60}|Collection\([A-Za-z0-9.]{3,80}\)!?|#/[A-Za-z/]{3,120}"
    r"|(?:application|text|image|audio|video|multipart)/[a-z0-9.+-]+(?:; ?charset=[\w-]+)?"
    r"|@Microsoft\.KeyVault\(.*\)|projects/[^/\s]+/secrets/[^/\s]+(?:/versions/\w+)?|keyvaultref:\S+"
    r"|\[redacted[^\]]*\]?"
)


def is_no_secret(value: str) -> bool:
    """Whether a text where a secret could be says only where one is, when one was made, or that one is needed.

    A reference (an ARN, `${NAME}`), a moment, a word such as `required`, or asterisks.
    """
    return len(value) < 512 and _NO_SECRET.fullmatch(value) is not None  # noqa: PLR2004  the longest ARN is shorter
