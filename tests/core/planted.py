"""Made-up secrets of every kind whose shape is public, made at the time of the test, and how people write them down.

Nothing here is a secret or was one, and no text here looks like one before it is put together.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import json
import lzma
import random
import string
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL_SAFE = ALNUM + "-_"
BASE32 = string.ascii_uppercase + "234567"
BASE64 = ALNUM + "+/"


class Planted(NamedTuple):
    """A secret as a platform may answer it: in a body or in a text, and what must be nowhere afterwards."""

    kind: str
    canary: str
    body: Any
    also: tuple[str, ...] = ()


def draw(kind: str, length: int, alphabet: str = ALNUM) -> str:
    """Return characters that are the same for a kind in each run, with a letter of each case and a digit."""
    source = random.Random(f"planted {kind} {length}")
    made = [source.choice(alphabet) for _ in range(length)]
    for at, group in enumerate((string.digits, string.ascii_lowercase, string.ascii_uppercase)):
        possible = [char for char in alphabet if char in group]
        if possible and length > 9:
            made[3 + at] = source.choice(possible)
    return "".join(made)


# What stands before, how many characters of which alphabet, what stands behind.
_TOKENS: dict[str, tuple[str, int, str]] = {
    "aws access key id": ("AKIA", 16, BASE32),
    "aws temporary key id": ("ASIA", 16, BASE32),
    "aws bearer token": ("ABIA", 16, BASE32),
    "aws session token": ("IQoJb3JpZ2lu" + "X2Vj", 300, BASE64),
    "aws older session token": ("FwoGZXIvYXdz", 300, BASE64),
    "bedrock key": ("ABSK", 120, BASE64),
    "github personal": ("ghp_", 36, ALNUM),
    "github oauth": ("gho_", 36, ALNUM),
    "github user": ("ghu_", 36, ALNUM),
    "github server": ("ghs_", 36, ALNUM),
    "github refresh": ("ghr_", 76, ALNUM),
    "github fine-grained": ("github_pat_", 82, ALNUM + "_"),
    "gitlab personal": ("glpat-", 20, URL_SAFE),
    "gitlab deploy": ("gldt-", 20, URL_SAFE),
    "gitlab runner": ("glrt-", 20, URL_SAFE),
    "gitlab job": ("glcbt-", 22, URL_SAFE),
    "gitlab trigger": ("glptt-", 40, HEX),
    "gitlab feed": ("glft-", 20, URL_SAFE),
    "gitlab scim": ("glsoat-", 20, URL_SAFE),
    "gitlab agent": ("glagent-", 50, URL_SAFE),
    "gitlab mail": ("glimt-", 25, LOWER),
    "gitlab oauth application": ("gloas-", 64, HEX),
    "gitlab feature flags": ("glffct-", 20, URL_SAFE),
    "gitlab runner registration": ("GR1348941", 20, URL_SAFE),
    "slack bot": ("xoxb-", 50, string.digits + "-" + ALNUM),
    "slack user": ("xoxp-", 60, string.digits + "-" + HEX),
    "slack app": ("xapp-1-", 80, ALNUM + "-"),
    "slack configuration": ("xoxe.xoxp-1-", 120, ALNUM),
    "slack cookie": ("xoxd-", 90, ALNUM),
    "slack workflow": ("xwfp-", 60, ALNUM + "-"),
    "google api key": ("AIza", 35, URL_SAFE),
    "google oauth access": ("ya29.", 120, URL_SAFE),
    "google oauth secret": ("GOCSPX-", 28, URL_SAFE),
    "google refresh": ("1//0", 98, URL_SAFE),
    "google storage hmac": ("GOOG1", 56, UPPER),
    "stripe live": ("sk_" + "live_", 24, ALNUM),
    "stripe test": ("sk_" + "test_", 99, ALNUM),
    "stripe restricted": ("rk_" + "live_", 24, ALNUM),
    "stripe webhook": ("whsec_", 32, ALNUM),
    "npm": ("npm_", 36, ALNUM),
    "pypi": ("pypi-AgEIcHlwaS5vcmc", 130, URL_SAFE),
    "rubygems": ("rubygems_", 48, HEX),
    "nuget": ("oy2", 43, LOWER),
    "crates": ("cio", 32, ALNUM),
    "clojars": ("CLOJARS_", 60, LOWER),
    "docker personal": ("dckr_pat_", 27, URL_SAFE),
    "docker organization": ("dckr_oat_", 32, URL_SAFE),
    "jfrog": ("AKCp", 69, ALNUM),
    "openai project": ("sk-proj-", 120, URL_SAFE),
    "openai service account": ("sk-svcacct-", 120, URL_SAFE),
    "openai older": ("sk-", 48, ALNUM),
    "anthropic": ("sk-ant-api03-", 95, URL_SAFE),
    "openrouter": ("sk-or-v1-", 64, HEX),
    "groq": ("gsk_", 52, ALNUM),
    "replicate": ("r8_", 37, ALNUM),
    "perplexity": ("pplx-", 48, ALNUM),
    "xai": ("xai-", 80, ALNUM),
    "nvidia": ("nvapi-", 64, URL_SAFE),
    "tavily": ("tvly-", 32, ALNUM),
    "langsmith": ("lsv2_pt_", 43, HEX + "_"),
    "pinecone": ("pcsk_", 68, ALNUM + "_"),
    "hugging face": ("hf_", 34, ALNUM),
    "elevenlabs": ("sk_", 48, HEX),
    "vault service": ("hvs.", 95, URL_SAFE),
    "vault batch": ("hvb.", 140, URL_SAFE),
    "digitalocean": ("dop_v1_", 64, HEX),
    "digitalocean oauth": ("doo_v1_", 64, HEX),
    "digitalocean refresh": ("dor_v1_", 64, HEX),
    "sendgrid": ("SG." + draw("sendgrid head", 22, URL_SAFE) + ".", 43, URL_SAFE),
    "twilio": ("SK", 32, HEX),
    "mailgun": ("key-", 32, HEX),
    "brevo": ("xkeysib-", 64, HEX),
    "resend": ("re_", 32, ALNUM + "_"),
    "shopify admin": ("shpat_", 32, HEX),
    "shopify shared": ("shpss_", 32, HEX),
    "shopify custom": ("shpca_", 32, HEX),
    "square": ("sq0atp-", 22, URL_SAFE),
    "square secret": ("sq0csp-", 43, URL_SAFE),
    "meta": ("EAA", 180, ALNUM),
    "grafana service": ("glsa_", 41, ALNUM + "_"),
    "grafana cloud": ("glc_eyJ", 100, BASE64),
    "databricks": ("dapi", 32, HEX),
    "linear": ("lin_api_", 40, ALNUM),
    "notion": ("ntn_", 46, ALNUM),
    "notion older": ("secret_", 43, ALNUM),
    "figma": ("figd_", 40, URL_SAFE),
    "postman": ("PMAK-", 59, HEX + "-"),
    "pulumi": ("pul-", 40, HEX),
    "doppler": ("dp.pt.", 43, ALNUM),
    "doppler service": ("dp.st.prd.", 43, ALNUM),
    "sentry organization": ("sntrys_", 120, BASE64),
    "sentry user": ("sntryu_", 64, HEX),
    "new relic user": ("NRAK-", 27, UPPER),
    "new relic insert": ("NRII-", 32, URL_SAFE),
    "dynatrace": ("dt0c01." + draw("dynatrace head", 24, BASE32) + ".", 64, BASE32),
    "posthog": ("phx_", 43, ALNUM),
    "planetscale": ("pscale_tkn_", 43, URL_SAFE),
    "planetscale password": ("pscale_pw_", 43, URL_SAFE),
    "supabase": ("sbp_", 40, HEX),
    "supabase secret": ("sb_secret_", 31, URL_SAFE),
    "neon": ("napi_", 64, LOWER),
    "netlify": ("nfp_", 36, ALNUM),
    "vercel": ("vcp_", 56, ALNUM),
    "render": ("rnd_", 28, ALNUM),
    "heroku": ("HRKU-AA", 58, URL_SAFE),
    "fly": ("fm2_", 200, BASE64),
    "tailscale": ("tskey-auth-", 40, ALNUM + "-"),
    "1password service account": ("ops_eyJ", 300, BASE64),
    "age": ("AGE-SECRET-KEY-1", 58, UPPER),
    "alibaba": ("LTAI5t", 18, ALNUM),
    "tencent": ("AKID", 32, ALNUM),
    "scaleway": ("SCW", 17, UPPER),
    "adobe": ("p8e-", 32, URL_SAFE),
    "contentful": ("CFPAT-", 43, URL_SAFE),
    "atlassian api": ("ATATT3x", 180, URL_SAFE),
    "atlassian older": ("ATCTT3x", 180, URL_SAFE),
    "bitbucket app": ("ATBB", 32, ALNUM),
    "duffel": ("duffel_live_", 43, URL_SAFE),
    "easypost": ("EZAK", 54, ALNUM),
    "flutterwave": ("FLWSECK-", 34, HEX),
    "razorpay": ("rzp_live_", 14, ALNUM),
    "shippo": ("shippo_live_", 40, HEX),
    "typeform": ("tfp_", 59, URL_SAFE),
    "readme": ("rdme_", 70, LOWER),
    "prefect": ("pnu_", 36, ALNUM),
    "buildkite": ("bkua_", 40, HEX),
    "circleci": ("CCIPAT_", 60, ALNUM + "_"),
    "sonar": ("sqp_", 40, HEX),
    "airtable": ("pat" + draw("airtable head", 14) + ".", 64, HEX),
    "hubspot": ("pat-na1-", 36, HEX + "-"),
    "paseto": ("v4.local.", 120, URL_SAFE),
    "openshift": ("sha256~", 43, URL_SAFE),
    "docker swarm": ("SWMTKN-1-", 76, LOWER),
    "bitcoin": ("xprv", 107, ALNUM),
    "unkey": ("unkey_", 24, ALNUM),
    "infisical": ("st.", 90, HEX + "."),
}


def jwt(kind: str) -> str:
    """A signed token of three parts."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in _PARTS]
    return ".".join([*parts, draw(kind, 43, URL_SAFE)])


_PARTS: tuple[dict[str, Any], ...] = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "iat": 1516239022})


def _shaped() -> dict[str, str]:
    """Tokens that are more than a prefix with characters."""
    head = base64.urlsafe_b64encode(b'{"alg":"RSA-OAEP","enc":"A256GCM"}').decode().rstrip("=")
    return {
        "jwt": jwt("jwt"),
        "jwe": ".".join([head, *(draw(f"jwe {part}", size, URL_SAFE) for part, size in enumerate((342, 16, 80, 22)))]),
        "github server with dots": f"ghs_{draw('dots', 12)}.{draw('dots 2', 40)}.{draw('dots 3', 30)}",
        "azure client secret": f"{draw('az', 3)}8Q~{draw('az 2', 34, URL_SAFE)}",
        "azure storage key": f"{draw('storage', 76, BASE64)}+ASt{draw('storage 2', 6, BASE64)}==",
        "azure function key": f"{draw('function', 44, ALNUM)}AzFu{draw('function 2', 6, ALNUM)}==",
        "azure cosmos key": f"{draw('cosmos', 76, ALNUM)}ACDb{draw('cosmos 2', 6, ALNUM)}==",
        "azure search key": f"{draw('search', 42, ALNUM)}AzSe{draw('search 2', 6, ALNUM)}",
        "azure devops": f"{draw('devops', 76)}AZDO{draw('devops 2', 4)}",
        "mailchimp": f"{draw('mailchimp', 32, HEX)}-us12",
        "terraform cloud": f"{draw('tf', 14)}.atlasv1.{draw('tf 2', 67, URL_SAFE)}",
        "new relic licence": f"{draw('nral', 36, HEX)}NRAL",
        "telegram": f"{draw('tg', 9, '123456789')}:AA{draw('tg 2', 33, URL_SAFE)}",
        "discord bot": f"MT{draw('dc', 24)}.{draw('dc 2', 6)}.{draw('dc 3', 38, URL_SAFE)}",
        "firebase": f"AAAA{draw('fb', 7, URL_SAFE)}:APA91b{draw('fb 2', 134, URL_SAFE)}",
        "bcrypt": f"$2b$12${draw('bcrypt', 53)}",
        "sha512 crypt": f"$6$rounds=5000${draw('salt', 16)}${draw('crypt', 86)}",
        "argon2": f"$argon2id$v=19$m=65536,t=3,p=4${draw('argon', 22)}${draw('argon 2', 43)}",
        "htpasswd": f"$apr1${draw('apr', 8)}${draw('apr 2', 22)}",
        "django hash": f"pbkdf2_sha256$600000${draw('dj', 22)}${draw('dj 2', 43, BASE64)}=",
        "ldap hash": "{SSHA}" + draw("ssha", 38, BASE64) + "==",
        "scram verifier": f"SCRAM-SHA-256$4096:{draw('scram', 24, BASE64)}${draw('scram 2', 43, BASE64)}=",
        "asana": f"1/{draw('asana', 16, string.digits)}:{draw('asana 2', 32, HEX)}",
        "plaid": f"access-sandbox-{draw('p', 8, HEX)}-1111-4222-8333-{draw('p 2', 12, HEX)}",
        "launchdarkly": f"sdk-{draw('ld', 8, HEX)}-1111-4222-8333-{draw('ld 2', 12, HEX)}",
        "mapbox": f"sk.eyJ{draw('mb', 80)}.{draw('mb 2', 22)}",
        "paypal": f"access_token$production${draw('pp', 16, LOWER)}${draw('pp 2', 32, HEX)}",
        "private key": _pem("RSA PRIVATE KEY"),
        "private key pkcs8": _pem("PRIVATE KEY"),
        "private key encrypted": _pem("ENCRYPTED PRIVATE KEY"),
        "private key ec": _pem("EC PRIVATE KEY"),
        "private key openssh": _pem("OPENSSH PRIVATE KEY"),
        "private key pgp": _pem("PGP PRIVATE KEY BLOCK"),
        "openvpn key": _pem("OpenVPN Static key V1"),
        "ssh2 key": f"---- BEGIN SSH2 PRIVATE KEY ----\n{draw('ssh2', 60)}\n---- END SSH2 PRIVATE KEY ----",
        "putty key": "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: c\nPublic-Lines: 1\n"
        f"{draw('putty', 44)}\nPrivate-Lines: 1\n{draw('putty 2', 44)}\nPrivate-MAC: {draw('putty 3', 64, HEX)}",
        "rsa key value": f"<RSAKeyValue><Modulus>{draw('mod', 64)}</Modulus><D>{draw('d', 64)}</D></RSAKeyValue>",
    }


def _pem(kind: str) -> str:
    # In two pieces: the marker in a source file is what scanners of repositories stop at.
    dashes = "-" * 5
    lines = "\n".join(draw(f"{kind} {line}", 64, BASE64) for line in range(4))
    return f"{dashes}BEGIN {kind}{dashes}\n{lines}\n{dashes}END {kind}{dashes}"


_WEBHOOKS = {
    "slack webhook": "https://hooks.slack.com/services/T{0}/B{1}/{2}",
    "slack workflow webhook": "https://hooks.slack.com/workflows/T{0}/A{1}/123/{2}",
    "teams webhook": "https://acme.webhook.office.com/webhookb2/{0}@{1}/IncomingWebhook/{2}/x",
    "teams older webhook": "https://outlook.office.com/webhook/{0}@{1}/IncomingWebhook/{2}/x",
    "power automate": "https://prod-12.westeurope.logic.azure.com:443/workflows/{0}/triggers/manual/paths/invoke?sig={2}",
    "discord webhook": "https://discord.com/api/webhooks/123456789012345678/{2}",
    "discord older webhook": "https://discordapp.com/api/webhooks/123456789012345678/{2}",
    "google chat webhook": "https://chat.googleapis.com/v1/spaces/{0}/messages?key=k{1}&token={2}",
    "zapier webhook": "https://hooks.zapier.com/hooks/catch/123456/{2}",
    "ifttt webhook": "https://maker.ifttt.com/trigger/alarm/with/key/{2}",
    "make webhook": "https://hook.eu1.make.com/{2}",
    "mattermost webhook": "https://chat.acme.example/hooks/{3}",
    "pagerduty integration": "https://events.pagerduty.com/integration/{2}/enqueue",
    "feishu webhook": "https://open.feishu.cn/open-apis/bot/v2/hook/{2}",
    "telegram call": "https://api.telegram.org/bot123456789:{2}/sendMessage",
    "healthchecks ping": "https://hc-ping.com/{2}",
}

_URLS = {
    "url password": "postgres://app:{0}@db.acme.example/app",
    "url password with at sign": "mysql://app:{0}@x@db.acme.example:3306/app",
    "url password with slash": "amqp://app:{0}/x@mq.acme.example/",
    "url without user": "redis://:{0}@cache.acme.example:6379/0",
    "url token as user": "https://{0}@git.acme.example/acme/app.git",
    "url oauth2": "https://oauth2:{0}@gitlab.acme.example/acme/app.git",
    "url x-access-token": "https://x-access-token:{0}@github.com/acme/app.git",
    "sentry dsn": "https://{0}@o123.ingest.sentry.io/456",
    "mongodb": "mongodb+srv://app:{0}@cluster0.acme.example/db?retryWrites=true",
    "ftp": "ftp://backup:{0}@files.acme.example/",
    "query key": "https://maps.acme.example/api?key={0}",
    "query code": "https://app.acme.example/api/Alert?code={0}",
    "query sig": "https://acme.blob.core.windows.net/c?sv=2026-01-01&se=2027&sig={0}%3D",
    "query aws signature": "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={0}",
    "query goog signature": "https://storage.googleapis.com/b/o?X-Goog-Signature={0}",
    "query token": "https://acme.example/hook?token={0}",
    "query access token": "https://acme.example/api?x=1&access_token={0}",
    "query password": "https://acme.example/login?user=a&password={0}",
    "query api key": "https://acme.example/v1?api_key={0}&x=1",
    "query api-key": "https://acme.example/v1?api-key={0}",
    "query apikey": "https://acme.example/v1?apikey={0}",
    "query client secret": "https://acme.example/token?client_id=a&client_secret={0}",
    "query signature": "https://cdn.acme.example/f?Expires=1&Signature={0}&Key-Pair-Id=K1",
    "query security token": "https://b.s3.amazonaws.com/k?X-Amz-Security-Token={0}",
    "query subscription key": "https://api.acme.example/x?subscription-key={0}",
    "fragment token": "https://acme.example/cb#access_token={0}&token_type=bearer",
    "query in html": "https://acme.example/x?a=1&amp;sig={0}",
    "jdbc password": "jdbc:postgresql://db/app?user=app&password={0}",
    "jdbc oracle": "jdbc:oracle:thin:app/{0}@//db:1521/app",
    "jdbc sqlserver": "jdbc:sqlserver://db:1433;database=app;user=app;password={0};encrypt=true",
    "odbc": "Driver={{ODBC}};Server=db;Uid=app;Pwd={0};",
    "ado.net": "Server=db;Database=app;User Id=app;Password={0};",
    "azure storage connection": "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={0}==;EndpointSuffix=x",
    "azure service bus": "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={0}=",
    "azure sas connection": "BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2026&sig={0}",
    "app insights": "InstrumentationKey={0};IngestionEndpoint=https://x",
    "libpq": "host=db user=app password='{0}' dbname=app",
}

_HEADERS = {
    "header bearer": "Authorization: Bearer {0}",
    "header basic": "Authorization: Basic {0}=",
    "header token": "Authorization: token {0}",
    "header ssws": "Authorization: SSWS {0}",
    "header digest": 'Authorization: Digest username="a", response="{0}"',
    "header aws": "Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu/s3/aws4_request, Signature={0}",
    "header without scheme": "Authorization: {0}",
    "proxy authorization": "Proxy-Authorization: Basic {0}",
    "bearer alone": "the request was sent with Bearer {0} and refused",
    "basic alone": "curl said Basic {0}=",
    "x-api-key": "x-api-key: {0}",
    "x-auth-token": "X-Auth-Token: {0}",
    "x-vault-token": "X-Vault-Token: {0}",
    "private-token": "PRIVATE-TOKEN: {0}",
    "job-token": "JOB-TOKEN: {0}",
    "api-key header": "api-key: {0}",
    "ocp key": "Ocp-Apim-Subscription-Key: {0}",
    "functions key": "x-functions-key: {0}",
    "set-cookie": "Set-Cookie: sid={0}; Path=/; HttpOnly",
    "cookie": "Cookie: theme=dark; session={0}",
    "csrf": "X-CSRF-Token: {0}",
    "datadog header": "DD-API-KEY: {0}",
    "python header": "{{'Authorization': 'Bearer {0}', 'Accept': '*/*'}}",
    "python header pair": "headers=[('X-Api-Key', '{0}'), ('Accept', 'x')]",
    "amz security token": "x-amz-security-token: {0}",
}

_SCRIPTS = {
    "variable": "DB_PASS={0}",
    "exported variable": "export SECRET_KEY_BASE={0}",
    "variable in quotes": 'MYSQL_ROOT_PASSWORD="{0} and more"',
    "variable in apostrophes": "PGPASSWORD='{0} x' psql",
    "windows variable": "set API_TOKEN={0}",
    "powershell variable": '$env:CLIENT_SECRET = "{0}"',
    "docker variable": "docker run -e DB_PASSWORD={0} app",
    "dockerfile": "ENV NPM_TOKEN {0}\nENV NPM_TOKEN={0}",
    "option password": "tool --password {0} --verbose",
    "option password with equals": "tool --password={0}",
    "option token": "tool login --token {0}",
    "option api key": "tool --api-key {0}",
    "option client secret": "az login --service-principal --client-secret {0}",
    "option p": "docker login -u acme -p {0} registry.acme.example",
    "option p of sshpass": "sshpass -p {0} ssh root@host",
    "option p attached": "mysqldump -uroot -p{0} app",
    "option quoted": "tool --password '{0} x'",
    "curl user": "curl -u admin:{0} https://acme.example",
    "curl long user": "curl --user admin:{0} https://acme.example",
    "curl header": "curl -H 'x-api-key: {0}' https://acme.example",
    "curl bearer": 'curl -H "Authorization: Bearer {0}" https://acme.example',
    "wget": "wget --user=a --password={0} https://acme.example",
    "powershell option": "Connect -Password {0}",
    "secure string": 'ConvertTo-SecureString "{0}" -AsPlainText -Force',
    "openssl": "openssl rsa -passin pass:{0}",
    "redis cli": "redis-cli -a {0} ping",
    "kubectl": "kubectl create secret generic x --from-literal=password={0}",
    "helm": "helm install x --set auth.rootPassword={0}",
    "chpasswd": 'echo "root:{0}" | chpasswd',
    "stdin": "echo {0} | docker login --username a --password-stdin",
    "netrc": "machine acme.example login ann password {0}",
    "npmrc": "//registry.npmjs.org/:_authToken={0}",
    "pip conf": "index-url = https://__token__:{0}@pypi.acme.example/simple",
    "yaml": "database:\n  password: {0}\n",
    "yaml short": "db:\n  pass: ab1{0}\n",
    "yaml quoted": 'api_key: "{0} x"\n',
    "yaml pair": "- name: DB_PASSWORD\n  value: {0}\n",
    "ini": "[db]\npassword = {0}\n",
    "toml": 'secret_key = "{0}"\n',
    "properties": "spring.datasource.password={0}",
    "xml element": "<settings><password>{0}</password></settings>",
    "xml attributes": '<add key="DbPassword" value="{0}" />',
    "xml attribute": '<db user="a" password="{0}"/>',
    "json text": '{{"user": "a", "password": "{0}"}}',
    "json in json": '{{"inner": "{{\\"clientSecret\\": \\"{0}\\"}}"}}',
    "json pair in text": '[{{"name": "DB_PASSWORD", "value": "{0}"}}]',
    "json environment in text": '{{"env": {{"FOO": "{0}"}}}}',
    "python repr": "{{'db_password': '{0}'}}",
    "python call": "connect(host='db', password='{0}')",
    "dataclass repr": "Settings(token='{0}', url='x')",
    "sql": "CREATE USER app IDENTIFIED BY '{0}'",
    "sql postgres": "ALTER ROLE app WITH PASSWORD '{0}'",
    "hcl": 'resource "x" "y" {{\n  master_password = "{0}"\n}}',
    "ruby": ":secret_key_base => '{0}'",
    "go": 'apiKey := "{0}"',
    "wireguard": "[Interface]\nPrivateKey = {0}=\n",
    "error text": "ValidationError: password={0} is too short",
    "error of a driver": 'FATAL: could not connect: "host=db password={0}"',
    "traceback": "ValueError: bad credentials ('ann', token='{0}')",
    "cloud-init": "#cloud-config\nchpasswd:\n  list: |\n    root:x\npassword: {0}\n",
    "net use": "net use z: \\\\srv\\share /user:acme\\ann {0}",
    "typescript": "readonly apiToken: string = '{0}'",
    "rust": 'let token: &str = "{0}";',
    "java": 'String dbPassword = "{0}";',
    "php": "define('DB_PASSWORD', '{0}');",
    "default of a variable": "os.environ.get('API_KEY', '{0}')",
    "configured by a command": "aws configure set aws_secret_access_key {0}",
    "vault login": "vault login {0}",
    "htpasswd": "htpasswd -b .htpasswd ann {0}",
    "rabbitmq": "rabbitmqctl add_user app {0}",
    "redis configuration": "requirepass {0}",
    "smtp": "AUTH PLAIN {0}",
    "pgpass": "db.acme.example:5432:app:ann:{0}",
    "ansible": "ansible_become_pass: {0}",
    "yaml block": "key:\n  private_key: >-\n    {0}\n",
    "toml block": 'password = """\n{0}"""',
    "table": "user,password,enabled\nann,{0},true",
    "kubernetes secret": "kind: Secret\ndata:\n  foo: {0}\n",
    "arguments in json": '["tool", "--password", "{0}"]',
    "gradle": "systemProp.sonar.token={0}",
    "jenkins": "-Dsonar.login=x -Dmaven.deploy.password={0}",
}

_NAMES = (
    *("password", "Password", "passwd", "pass", "pw", "pwd", "passphrase", "passcode", "pin", "MasterUserPassword"),
    *("secret", "clientSecret", "client_secret", "SecretString", "secret_key", "SecretAccessKey", "shared_secret"),
    *("token", "tokens", "accessToken", "access_token", "refreshToken", "idToken", "bearerToken", "auth_token"),
    *("jwt", "cookie", "cookies", "Set-Cookie", "credential", "credentials", "creds", "dsn", "sentryDsn", "apiKey"),
    *("api_key", "apikey", "x-api-key", "X-Auth-Token", "privateKey", "private_key", "ssh_private_key", "signingKey"),
    *("encryption_key", "hmac_key", "AccountKey", "storage_key", "primaryKey", "secondaryKey", "SharedAccessKey"),
    *("connectionString", "connection_string", "conn_str", "DATABASE_URL", "REDIS_URL", "database_url", "mongoUri"),
    *("UserData", "userData", "user_data", "user-data", "customData", "startup-script", "startupScript", "sas"),
    *("SAS_TOKEN", "sasUrl", "webhookUrl", "SECRET_KEY_BASE", "DB_PASS", "DB_PW", "GITHUB_PAT", "STRIPE_KEY"),
    *("Authorization", "TOTP_SEED", "mnemonic", "psk", "preSharedKey", "PRESHARED_KEY", "kubeconfig", "NPM_AUTH"),
    *("basic_auth", "http_auth", "otp", "htpasswd", "DB_PASSWORD_PROD", "TOKEN_GITHUB", "password2", "oldPassword"),
    *("PaSsWoRd", "Kennwort", "passwort", "mot_de_passe", "contraseña", "senhaPassword", "wachtwoord", "пароль"),
    *("passwordHash", "password_digest", "recovery_codes", "security_answer", "DB Password", "secureValue"),
    *("passwordValue", "tokenB64", "secretText", "instrumentationKey", "license_key", "integration_key", "routing_key"),
)

_PAIRS = (
    *(("Key", "Value"), ("key", "value"), ("Name", "Value"), ("name", "value"), ("TagKey", "TagValue")),
    *(("tagKey", "tagValue"), ("name", "default"), ("Name", "DefaultValue"), ("ParameterKey", "ParameterValue")),
    *(("parameterKey", "parameterValue"), ("ParameterName", "ParameterValue"), ("OptionName", "Value")),
    *(("OutputKey", "OutputValue"), ("HeaderName", "HeaderValue"), ("variable", "value"), ("name", "content")),
    ("keyName", "value"),
)

PLACES: dict[str, Callable[[str], Any]] = {
    "lambda environment": lambda x: {"Environment": {"Variables": {"MODE": x, "lower": x}}},
    "ecs environment": lambda x: {"containerDefinitions": [{"environment": [{"name": "MODE", "value": x}]}]},
    "kubernetes environment": lambda x: {"containers": [{"env": [{"name": "MODE", "value": x}]}]},
    "docker environment": lambda x: {"Config": {"Env": [f"MODE={x}", "PATH=/bin"]}},
    "compose environment": lambda x: {"environment": {"mode": x}},
    "codebuild environment": lambda x: {"environment": {"environmentVariables": [{"name": "MODE", "value": x}]}},
    "azure app settings": lambda x: {"appSettings": [{"name": "MODE", "value": x}]},
    "azure app settings map": lambda x: {"appSettings": {"MODE": x}},
    "stage variables": lambda x: {"stageVariables": {"mode": x}},
    "ci variables": lambda x: {"variables": [{"key": "MODE", "value": x}]},
    "ci variables map": lambda x: {"variables": {"MODE": {"value": x, "description": "d"}}},
    "template parameters": lambda x: {"Parameters": [{"ParameterKey": "Mode", "ParameterValue": x}]},
    "template outputs": lambda x: {"Outputs": [{"OutputKey": "Mode", "OutputValue": x}]},
    "beanstalk": lambda x: {
        "OptionSettings": [
            {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "MODE", "Value": x}
        ]
    },
    "headers": lambda x: {"headers": {"X-Mode": x}},
    "header list": lambda x: {"requestHeaders": [{"name": "X-Mode", "value": x}]},
    "header lines": lambda x: {"headers": [f"X-Mode: {x}"]},
    "origin headers": lambda x: {"OriginCustomHeaders": [{"HeaderName": "X-Mode", "HeaderValue": x}]},
    "connection headers": lambda x: {"HeaderParameters": [{"Key": "mode", "Value": x, "IsValueSecret": False}]},
    "secure string": lambda x: {"Type": "SecureString", "Name": "/mode", "Value": x},
    "arm secure string": lambda x: {"mode": {"type": "securestring", "value": x}},
    "terraform output": lambda x: {"outputs": {"mode": {"sensitive": True, "type": "string", "value": x}}},
    "secured variable": lambda x: {"key": "MODE", "secured": True, "value": x},
    "secret variable": lambda x: {"MODE": {"isSecret": True, "value": x}},
    "masked variable": lambda x: {"key": "MODE", "masked": True, "value": x},
    "protected settings": lambda x: {"protectedSettings": {"mode": x}},
    "user data": lambda x: {"UserData": {"Value": x}},
    "launch template": lambda x: {"LaunchTemplateData": {"UserData": x}},
    "gcp metadata": lambda x: {"metadata": {"items": [{"key": "startup-script", "value": x}]}},
    "vm profile": lambda x: {"osProfile": {"customData": x}},
    "connection strings": lambda x: {"connectionStrings": [{"name": "db", "connectionString": x}]},
    "arguments": lambda x: {"command": ["tool", "--password", x, "--verbose"]},
    "arguments with p": lambda x: {"args": ["login", "-u", "acme", "-p", x]},
    "arguments with user": lambda x: {"args": ["curl", "-u", f"ann:{x}", "https://acme.example"]},
    "arguments with header": lambda x: {"args": ["curl", "-H", f"x-api-key: {x}", "https://acme.example"]},
    "list of passwords": lambda x: {"passwords": [x, x]},
    "map of tokens": lambda x: {"tokens": {"ann": x}},
    "nested password": lambda x: {"password": {"basic": {"deep": [x]}}},
    "key beside key id": lambda x: {"a": {"one": "AKIA" + draw("id", 16, BASE32)}, "b": [x]},
    "kubernetes secret": lambda x: {"kind": "Secret", "data": {"mode": x}, "stringData": {"mode": x}},
    "runtime environment": lambda x: {"RuntimeEnvironmentVariables": {"MODE": x}},
    "secure environment": lambda x: {"environmentVariables": [{"name": "MODE", "secureValue": x}]},
    "environment with an id": lambda x: {"Variables": {"id": x, "name": x}},
    "cookies": lambda x: {"cookies": [{"name": "sid", "value": x}]},
    "template default": lambda x: {"Parameters": {"Mode": {"NoEcho": True, "Default": x}}},
    "two texts": lambda x: {"items": [["password", x]]},
    "token as a name": lambda _: {"ghp_" + draw("as a name", 36): "ann"},
}


_CANARIES = {
    "two texts": draw("two texts", 14),
    "secure environment": draw("secure environment", 14),
    "key beside key id": draw("key beside key id", 40, BASE64),
    "token as a name": draw("as a name", 36),
}
"""Canaries of places that have a form of their own."""


def wrapped(text: str, width: int = 64) -> str:
    """Text over several lines."""
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def b64(data: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(data).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda x: b64(x.encode()),
    "base64 url-safe": lambda x: base64.urlsafe_b64encode(x.encode()).decode(),
    "base64 without padding": lambda x: b64(x.encode()).rstrip("="),
    "base64 over lines": lambda x: wrapped(b64((x * 3).encode())),
    "base64 over short lines": lambda x: wrapped(b64((x * 3).encode()), 20),
    "base64 over escaped lines": lambda x: wrapped(b64((x * 3).encode()), 60).replace("\n", "\\n"),
    "base64 over indented lines": lambda x: "key: |\n  " + wrapped(b64((x * 3).encode())).replace("\n", "\n  "),
    "base64 twice": lambda x: b64(b64(x.encode()).encode()),
    "base64 five times": lambda x: _times(5, x),
    "base64 in a path": lambda x: f"https://acme.example/redirect/{b64(x.encode())}",
    "base64 in a data url": lambda x: f"data:text/plain;base64,{b64(x.encode())}",
    "base64 of utf-16": lambda x: b64(x.encode("utf-16-le")),
    "base64 of big utf-16": lambda x: b64(x.encode("utf-16-be")),
    "base64 of utf-16 with a mark": lambda x: b64(x.encode("utf-16")),
    "powershell command": lambda x: f"powershell -EncodedCommand {b64(x.encode('utf-16-le'))}",
    "base64 of gzip": lambda x: b64(gzip.compress(x.encode(), mtime=0)),
    "base64 of zlib": lambda x: b64(zlib.compress(x.encode())),
    "base64 of zlib at its fastest": lambda x: b64(zlib.compress(x.encode(), 1)),
    "base64 of gzip of base64": lambda x: b64(gzip.compress(b64(x.encode()).encode(), mtime=0)),
    "base64 of bytes around": lambda x: b64(bytes(range(128, 256)) + x.encode() + bytes(range(128, 256))),
    "hex": lambda x: x.encode().hex(),
    "hex in capitals": lambda x: x.encode().hex().upper(),
    "hex with a prefix": lambda x: "0x" + x.encode().hex(),
    "hex of gzip": lambda x: gzip.compress(x.encode(), mtime=0).hex(),
    "hex between colons": lambda x: x.encode().hex(":"),
    "hex between spaces": lambda x: x.encode().hex(" "),
    "hex escapes": lambda x: "".join(f"\\x{byte:02x}" for byte in x.encode()),
    "unicode escapes": lambda x: "".join(f"\\u{ord(char):04x}" for char in x),
    "base32": lambda x: base64.b32encode(x.encode()).decode(),
    "percent": lambda x: quote(f"x={x}", safe=""),
    "percent of everything": lambda x: "".join(f"%{byte:02X}" for byte in x.encode()),
    "percent twice": lambda x: quote("".join(f"%{byte:02x}" for byte in x.encode()), safe=""),
    "percent of base64": lambda x: quote(b64(x.encode() + b"\xff\xfe"), safe=""),
    "html entities": lambda x: "".join(f"&#{ord(char)};" for char in x),
    "html hex entities": lambda x: "".join(f"&#x{ord(char):x};" for char in x),
    "html quotes": lambda x: html.escape(json.dumps({"password": x})),
    "json": lambda x: json.dumps({"note": x}),
    "json twice": lambda x: json.dumps(json.dumps({"password": x})),
    "json in base64": lambda x: b64(json.dumps({"env": [{"name": "A_PASSWORD", "value": x}]}).encode()),
    "base64 in json": lambda x: json.dumps({"config": b64(x.encode())}),
    "quoted-printable": lambda x: f"x=3D{x[:8]}=\n{x[8:]}",
    "zero-width": lambda x: x[:6] + "\u200b" + x[6:12] + "\ufeff" + x[12:],
    "nul between": "\x00".join,
    "full-width": lambda x: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in x),
    "continued line": lambda x: f"{x[:10]}\\\n{x[10:]}",
    "base64 of bzip2": lambda x: b64(bz2.compress(x.encode())),
    "base64 of xz": lambda x: b64(lzma.compress(x.encode())),
    "base64 between blanks": lambda x: wrapped(b64((x * 3).encode()), 20).replace("\n", " "),
    "base64 in quoted lines": lambda x: '"' + wrapped(b64((x * 3).encode()), 20).replace("\n", '"\n"') + '"',
    "escapes in braces": lambda x: "".join(f"\\u{{{ord(char):x}}}" for char in x),
    "percent u": lambda x: "".join(f"%u{ord(char):04x}" for char in x),
    "octal escapes": lambda x: "".join(f"\\{ord(char):03o}" for char in x),
    "texts in a sum": lambda x: f'"{x[:12]}" + "{x[12:]}"',
    "letters in a sum": lambda x: "+".join(f"'{char}'" for char in x),
    "character codes": lambda x: ", ".join(str(ord(char)) for char in x),
}


def _times(count: int, text: str) -> str:
    for _ in range(count):
        text = b64(text.encode())
    return text


def everything() -> list[Planted]:
    """Return every planted kind; each has a canary of its own."""
    made: list[Planted] = []

    def add(kind: str, canary: str, body: Any, *also: str) -> None:
        made.append(Planted(kind, canary, body, also))

    tokens = {kind: prefix + draw(kind, length, alphabet) for kind, (prefix, length, alphabet) in _TOKENS.items()}
    for kind, token in (tokens | _shaped()).items():
        core = max(token.split("\n"), key=len)[-24:] if "\n" in token else token[-16:]
        add(f"token: {kind}", core, {"Description": f"see {token} for it", "list": [token]})
    for kind, url in _WEBHOOKS.items():
        canary = draw(kind, 28)
        low = draw(kind, 26, LOWER)
        text = url.format(draw(f"{kind} a", 12), draw(f"{kind} b", 12), canary, low)
        add(f"url: {kind}", low if "{3}" in url else canary, {"Url": text})
    for group, texts in (("url", _URLS), ("header", _HEADERS), ("script", _SCRIPTS)):
        for kind, text in texts.items():
            canary = draw(kind, 22)
            add(f"{group}: {kind}", canary, {"note": text.format(canary)})
    for name in _NAMES:
        canary = f"plain {draw(name, 12, string.ascii_lowercase)} words"
        add(f"name: {name}", canary, {"in": [{name: canary}]})
    for first, second in _PAIRS:
        canary = f"plain {draw(first + second, 12, string.ascii_lowercase)} words"
        add(f"pair: {first} {second}", canary, {"list": [{first: "DB_PASSWORD", second: canary}]})
    for kind, place in PLACES.items():
        canary = f"plain {draw(kind, 12, string.ascii_lowercase)}"
        add(f"place: {kind}", _CANARIES.get(kind, canary), place(_CANARIES.get(kind, canary)))
    for kind, encode in ENCODINGS.items():
        token = "ghp_" + draw(kind, 36)
        hidden = encode(token)
        add(f"encoding: {kind}", token[4:], {"note": hidden}, hidden[len(hidden) // 3 :][:24])
    return made
