"""Shapes of secrets that are more than a prefix with characters: what part each has, and its pattern.

As in token_shapes, these are facts from the documentation of the makers, or from how people call their programs.
"""

from __future__ import annotations

import re

# Shapes without a prefix of letters: the part that each of them has, in a text that may hold one, and its pattern.
SHAPES = (
    (
        "-----BEGIN ",
        "private-key",
        (
            r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
            r"[\s\S]*?(?:-----END [A-Za-z0-9 ]*(?:KEY|V1)[A-Z ]*-----|\Z)"
        ),
    ),
    ("---- BEGIN ", "private-key", r"---- BEGIN [A-Z0-9 ]*PRIVATE KEY ----[\s\S]*?(?:---- END [A-Z0-9 ]*----|\Z)"),
    ("PuTTY-User-Key", "private-key", r"PuTTY-User-Key-File-\d[\s\S]*?(?:Private-MAC: ?[0-9a-fA-F]*|\Z)"),
    ("b3BlbnNzaC1rZXktdjE", "private-key", r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]*"),
    ("<RSAKeyValue", "private-key", r"<RSAKeyValue>[\s\S]*?(?:</RSAKeyValue>|\Z)"),
    ("Q~", "azure-client-secret", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{24,44}"),
    (
        "=",
        "azure-account-key",
        r"(?i:(?<=AccountKey=)|(?<=SharedAccessKey=)|(?<=SharedSecret=))[A-Za-z0-9+/%]{8,}={0,2}",
    ),
    (
        "$",
        "password-hash",
        (
            r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|sha1|md5|scrypt|argon2(?:id|i|d)|pbkdf2[\w-]*|bcrypt-sha256)\$[^\s\"';<>]{12,}"
            r"|\b(?:pbkdf2_sha\d+|bcrypt_sha256|argon2|scrypt)\$[^\s\"':;,<>]{12,}"
        ),
    ),
    ("{S", "password-hash", r"\{S?SHA(?:256|384|512)?\}[A-Za-z0-9+/=]{16,}"),
    ("SCRAM-SHA", "password-hash", r"SCRAM-SHA-(?:1|256|512)\$\d+:[^\s\"',;]{16,}"),
    (":A", "bot-token", r"(?<!\d)\d{8,10}:A[A-Za-z0-9_-]{34}"),
    (":APA91b", "push-key", r"[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{40,}"),
    ("-us", "mail-key", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
    (".atlasv1.", "terraform-token", r"[A-Za-z0-9]{8,}\.atlasv1\.[A-Za-z0-9_-]{40,}"),
    ("NRAL", "newrelic-key", r"\b[0-9a-f]{36}NRAL\b"),
    ("FFFFNRAL", "newrelic-key", r"[0-9a-fA-F]{30,}FFFFNRAL"),
    ("AZDO", "azure-devops-token", r"\b[A-Za-z0-9]{60,80}AZDO[A-Za-z0-9]{4,8}\b"),
    (
        "http",
        "webhook-url",
        (
            r"(?<=https://)(?:hooks\.slack\.com/[\w/-]{16,}"
            r"|(?:[\w.-]+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/[\w/-]{20,}"
            r"|[\w.-]+\.webhook\.office\.com/[\w@/-]{20,}|outlook\.office(?:365)?\.com/webhook/[\w@/-]{20,}"
            r"|[\w.-]+\.logic\.azure\.com[:\w/.-]*\?\S{8,}|[\w.-]+\.powerplatform\.com[:\w/.-]*\?\S{8,}"
            r"|chat\.googleapis\.com/v1/spaces/\S{16,}|hooks\.zapier\.com/hooks/[\w/]{8,}"
            r"|maker\.ifttt\.com/trigger/\S+/with/(?:json/)?key/[\w-]{10,}|hook[\w.-]*\.(?:make|integromat)\.com/\w{16,}"
            r"|events\.pagerduty\.com/integration/\w{16,}\S*|[\w.-]+/hooks/[a-z0-9]{26}\b"
            r"|api\.telegram\.org/bot[\w:-]{20,}|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[\w-]{16,}"
            r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?\S+|oapi\.dingtalk\.com/robot/send\?\S+"
            r"|hc-ping\.com/[\w/-]{16,}|[\w.-]+\.webhook\.site/[\w-]{16,}|webhook\.site/[\w-]{16,}"
            r"|sns\.[\w.-]+/\?\S*Token=\S+|[\w.-]+\.rollout\.io/\S{16,})"
        ),
    ),
    (
        ".",
        "bot-token",
        r"[MNO](?<![A-Za-z0-9_.-][MNO])[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])",
    ),
    ("jdbc:oracle", "url-password", r"(?<=jdbc:oracle:thin:)[^\s/\"']+/[^\s@\"']+(?=@)"),
    ("FlyV1", "fly-token", r"FlyV1 \S{16,}"),
    ("vault login", "option", r"vault login[ \t]+(?P<v>[^\s-]\S+)"),
    ("htpasswd", "option", r"htpasswd[ \t]+-\w*b\w*[ \t]+\S+[ \t]+\S+[ \t]+(?P<v>\S+)"),
    ("rabbitmqctl", "option", r"rabbitmqctl[ \t]+(?:add_user|change_password)[ \t]+\S+[ \t]+(?P<v>\S+)"),
    ("requirepass", "assignment", r"requirepass[ \t]+(?P<v>\S+)"),
    ("masterauth", "assignment", r"masterauth[ \t]+(?P<v>\S+)"),
    ("AUTH ", "authorization", r"(?:^|(?<=\n)|(?<=: ))AUTH[ \t]+(?:PLAIN[ \t]+|LOGIN[ \t]+)?(?P<v>\S{6,})"),
    ("kind: Secret", "kubernetes-secret", r"(?<=ata:)\s*\n(?P<v>(?:[ \t]+\S[^\n]*\n?)+)"),
    (":54", "assignment", r":54\d\d:[\w*-]{1,64}:[\w*-]{1,64}:(?P<v>[^\s:]+)"),
    ("passin", "option", r"(?<=pass:)[^\s\"']+"),
    ("passout", "option", r"(?<=pass:)[^\s\"']+"),
    ("sshpass", "option", r"(?<=sshpass -p)\S+"),
    (
        "IDENTIFIED",
        "assignment",
        r"(?i:IDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+(?:PASSWORD\s+|VALUES\s+)?)['\"](?P<v>[^'\"]+)",
    ),
    (
        "identified",
        "assignment",
        r"(?i:IDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+(?:PASSWORD\s+|VALUES\s+)?)['\"](?P<v>[^'\"]+)",
    ),
    ("PASSWORD '", "assignment", r"PASSWORD\s+'(?P<v>[^']+)"),
    ("password '", "assignment", r"password\s+'(?P<v>[^']+)"),
    (" password ", "assignment", r"(?:(?<=login )|(?<=machine ))\S+\s+(?:login\s+\S+\s+)?password\s+(?P<v>\S+)"),
    ("/user:", "option", r"/user:\S+\s+(?P<v>[^\s/\"']+)"),
    ("ConvertTo-SecureString", "assignment", r"ConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<v>[^\"']+)"),
    ("chpasswd", "assignment", r"echo\s+[\"']?[\w$-]+:(?P<v>[^\s|\"']+)[\"']?\s*\|\s*(?:sudo\s+)?chpasswd"),
    ("--stdin", "assignment", r"echo\s+[\"']?(?P<v>[^\s|\"']+)[\"']?\s*\|[^|\n]{0,200}--(?:password-)?stdin"),
    ("password-stdin", "assignment", r"echo\s+[\"']?(?P<v>[^\s|\"']+)[\"']?\s*\|[^|\n]{0,200}--password-stdin"),
)
COMPILED = tuple((part, kind, re.compile(pattern)) for part, kind, pattern in SHAPES)
BY_RUN = tuple(
    shape
    for shape in COMPILED
    if not any(char in shape[0] for char in "=$<'{ -/") or shape[0] in {"-us", "vault login", "AUTH "}
)
BY_MARK = tuple(shape for shape in COMPILED if shape not in BY_RUN)

LONG = re.compile(r"[A-Za-z0-9+/]{40}")
AZURE_KEY = re.compile(
    r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,76}(?:\+ASt|ACDb|AzSe|AzFu|\+ABa|\+AMC|\+ARm|\+ASb|\+AEh|AzCa|\+ACR|AIoT|APIM"
    r"|AzEg)[A-Za-z0-9+/]{5,8}={0,2}(?![A-Za-z0-9+/])|\b[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9+/]{20,}={0,2}"
)
"""Keys of Azure, which have the letters of their service near the end: learn.microsoft.com/purview."""
SECRET_KEY = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[^\n]{0,39}[a-z])(?=[^\n]{0,39}[A-Z0-9])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])"
)
