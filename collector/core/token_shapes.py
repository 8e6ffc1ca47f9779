"""Shapes of tokens that their makers have published: how they begin, of what characters, and how long at least.

Facts only, from the documentation named in each line; who adds a line adds where it stands. A length is what a token
has at least behind its prefix, rather less than documented: makers lengthen tokens and do not shorten them.
"""

from __future__ import annotations

import re
import string
from typing import NamedTuple

WORD = "A-Za-z0-9"
URL_SAFE = "A-Za-z0-9_-"
DOTTED = "A-Za-z0-9_.-"
BASE64 = "A-Za-z0-9+/=_-"
HEX = "0-9a-f"
UPPER = "A-Z0-9"


class TokenShape(NamedTuple):
    """Tokens of one maker: their `prefixes` between spaces, then at least `least` characters of `alphabet`."""

    kind: str
    prefixes: str
    alphabet: str
    least: int
    source: str


TOKEN_SHAPES = (
    TokenShape("aws-access-key-id", "AKIA ASIA ABIA ACCA", "A-Z2-7", 16, "docs.aws.amazon.com/IAM/latest/UserGuide"),
    TokenShape(
        "aws-session-token", "FwoGZXIvYXdz FQoGZXIvYXdz IQoJb3JpZ2lu", BASE64, 40, "docs.aws.amazon.com/STS/latest"
    ),
    TokenShape("aws-bedrock-key", "ABSK bedrock-api-key-", BASE64, 60, "docs.aws.amazon.com/bedrock/latest/userguide"),
    TokenShape("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", DOTTED, 20, "docs.github.com/en/authentication"),
    TokenShape("github-token", "github_pat_", "A-Za-z0-9_", 22, "docs.github.com/en/authentication"),
    TokenShape(
        "gitlab-token",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- glagent- glimt- glffct- gloas- glwt- GR1348941",
        DOTTED,
        16,
        "docs.gitlab.com/security/tokens",
    ),
    TokenShape("bitbucket-token", "ATBB ATCTT3 ATATT3 ATSTT3 ATOA", BASE64, 20, "support.atlassian.com/security"),
    TokenShape(
        "slack-token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp- xwfp-",
        "A-Za-z0-9.%-",
        10,
        "docs.slack.dev/authentication/tokens",
    ),
    TokenShape("google-key", "AIza", URL_SAFE, 35, "cloud.google.com/docs/authentication/api-keys"),
    TokenShape(
        "google-token", "ya29. 1//0 GOCSPX- AQ.Ab8", DOTTED, 16, "developers.google.com/identity/protocols/oauth2"
    ),
    TokenShape("google-hmac-key", "GOOG1", UPPER, 15, "cloud.google.com/storage/docs/authentication/hmackeys"),
    TokenShape("stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_ sk_org_", WORD + "_", 16, "docs.stripe.com/keys"),
    TokenShape("webhook-secret", "whsec_ whpk_", BASE64, 16, "docs.stripe.com/webhooks"),
    TokenShape("npm-token", "npm_", WORD, 30, "docs.npmjs.com/about-access-tokens"),
    TokenShape("pypi-token", "pypi-", URL_SAFE, 32, "pypi.org/help"),
    TokenShape("rubygems-token", "rubygems_", HEX, 32, "guides.rubygems.org/api-key-scopes"),
    TokenShape("nuget-key", "oy2", "a-z0-9", 43, "learn.microsoft.com/nuget/nuget-org"),
    TokenShape("crates-token", "cio", WORD, 32, "doc.rust-lang.org/cargo/reference/registries.html"),
    TokenShape("clojars-token", "CLOJARS_", WORD, 40, "github.com/clojars/clojars-web/wiki/Deploy-Tokens"),
    TokenShape("docker-token", "dckr_pat_ dckr_oat_", URL_SAFE, 20, "docs.docker.com/security/access-tokens"),
    TokenShape(
        "jfrog-token", "AKCp cmVmdGtu", WORD, 40, "jfrog.com/help/r/jfrog-platform-administration-documentation"
    ),
    TokenShape("openai-key", "sk-proj- sk-svcacct- sk-admin- sk-None-", URL_SAFE, 16, "platform.openai.com/docs"),
    TokenShape("anthropic-key", "sk-ant-", URL_SAFE, 16, "docs.anthropic.com/en/api"),
    TokenShape("model-api-key", "sk-or-v1- sk-lf- sk-", URL_SAFE, 24, "openrouter.ai/docs/api-reference"),
    TokenShape("model-api-key", "gsk_ r8_ fw_ pcsk_ lsv2_pt_ lsv2_sk_", WORD + "_", 20, "console.groq.com/docs"),
    TokenShape("model-api-key", "pplx- xai- nvapi- tvly-", URL_SAFE, 20, "docs.perplexity.ai/guides"),
    TokenShape("huggingface-token", "hf_ api_org_", WORD, 24, "huggingface.co/docs/hub/security-tokens"),
    TokenShape("elevenlabs-key", "sk_", WORD, 24, "elevenlabs.io/docs/api-reference/authentication"),
    TokenShape("hashicorp-token", "hvs. hvb. hvr.", URL_SAFE, 16, "developer.hashicorp.com/vault/docs/concepts/tokens"),
    TokenShape("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", HEX, 24, "docs.digitalocean.com/reference/api"),
    TokenShape("digitalocean-key", "DO00", UPPER, 16, "docs.digitalocean.com/products/spaces"),
    TokenShape("sendgrid-key", "SG.", DOTTED, 20, "docs.sendgrid.com/ui/account-and-settings/api-keys"),
    TokenShape("twilio-key", "SK", HEX, 32, "twilio.com/docs/iam/api-keys"),
    TokenShape("mail-key", "xkeysib- xsmtpsib-", URL_SAFE, 32, "developers.brevo.com/docs"),
    TokenShape("mail-key", "key-", HEX, 32, "documentation.mailgun.com/docs/mailgun"),
    TokenShape("mail-key", "re_", WORD + "_", 20, "resend.com/docs/api-reference"),
    TokenShape("shopify-token", "shpat_ shpca_ shppa_ shpss_ shpua_ shprt_", WORD, 24, "shopify.dev/docs/apps/auth"),
    TokenShape("square-token", "sq0atp- sq0csp- EAAAE EAAAl", URL_SAFE, 22, "developer.squareup.com/docs"),
    TokenShape("meta-token", "EAACEdEose0cBA EAA IGQ", WORD, 60, "developers.facebook.com/docs/facebook-login"),
    TokenShape(
        "paypal-token", "access_token$production$ access_token$sandbox$", WORD + "$", 20, "developer.paypal.com"
    ),
    TokenShape("grafana-token", "glsa_ glc_", BASE64, 20, "grafana.com/docs/grafana/latest/administration"),
    TokenShape("databricks-token", "dapi dose dkea dsapi", HEX, 32, "docs.databricks.com/dev-tools/auth/pat.html"),
    TokenShape("linear-key", "lin_api_ lin_oauth_", WORD, 24, "linear.app/developers"),
    TokenShape("notion-token", "ntn_ secret_", WORD, 40, "developers.notion.com/docs/authorization"),
    TokenShape("figma-token", "figd_ figu_ figo_", URL_SAFE, 24, "developers.figma.com/docs/rest-api"),
    TokenShape("postman-key", "PMAK- PMAT-", WORD + "-", 24, "learning.postman.com/docs/developer"),
    TokenShape("dropbox-token", "sl. sl.u.", URL_SAFE, 60, "dropbox.tech/developers"),
    TokenShape("pulumi-token", "pul-", HEX, 40, "pulumi.com/docs/pulumi-cloud/access-management"),
    TokenShape("doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", DOTTED, 24, "docs.doppler.com/docs"),
    TokenShape("infisical-token", "st.", DOTTED, 40, "infisical.com/docs"),
    TokenShape("sentry-token", "sntrys_ sntryu_ sntryi_ sntrya_", BASE64, 32, "docs.sentry.io/account/auth-tokens"),
    TokenShape(
        "newrelic-key", "NRAK- NRII- NRIQ- NRRA- NRJS- NRSP- NRBR-", URL_SAFE, 16, "docs.newrelic.com/docs/apis"
    ),
    TokenShape("dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s03. dt0s16.", DOTTED, 24, "docs.dynatrace.com/docs"),
    TokenShape("posthog-key", "phx_ phs_ pha_ phr_", WORD, 32, "posthog.com/docs/api"),
    TokenShape("launchdarkly-key", "api- sdk- mob-", "0-9a-f-", 36, "launchdarkly.com/docs/home/account/api"),
    TokenShape("segment-token", "sgp_", WORD + "_", 32, "segment.com/docs/api"),
    TokenShape("planetscale-token", "pscale_tkn_ pscale_oauth_ pscale_pw_", DOTTED, 24, "planetscale.com/docs/api"),
    TokenShape("supabase-key", "sbp_ sb_secret_", WORD + "_-", 20, "supabase.com/docs/guides/api/api-keys"),
    TokenShape("neon-key", "napi_", "a-z0-9", 40, "neon.tech/docs/manage/api-keys"),
    TokenShape("fly-token", "fm1_ fm1r_ fm1a_ fm2_ fo1_", BASE64, 32, "fly.io/docs/security/tokens"),
    TokenShape("netlify-token", "nfp_ nfc_ nfo_ nfu_", WORD, 30, "docs.netlify.com/api/get-started"),
    TokenShape("vercel-token", "vcp_ vci_ vca_ vcr_ vck_", WORD, 24, "vercel.com/docs/rest-api"),
    TokenShape("render-key", "rnd_", WORD, 24, "render.com/docs/api"),
    TokenShape("heroku-key", "HRKU-", URL_SAFE, 36, "devcenter.heroku.com/articles/authentication"),
    TokenShape("cloudflare-key", "v1.0- cfat_ cfut_ cfk_", URL_SAFE, 30, "developers.cloudflare.com/fundamentals/api"),
    TokenShape("tailscale-key", "tskey-", URL_SAFE, 16, "tailscale.com/kb/1252/key-secret-management"),
    TokenShape("netbird-key", "nbp_ nbs_", WORD, 30, "docs.netbird.io/how-to/access-netbird-public-api"),
    TokenShape("1password-token", "ops_eyJ", BASE64, 40, "developer.1password.com/docs/service-accounts"),
    TokenShape("1password-key", "A3-", "A-Z0-9-", 30, "support.1password.com/secret-key"),
    TokenShape("age-key", "AGE-SECRET-KEY-1 AGE-PLUGIN- AGE-SECRET-KEY-PQ-1", "A-Z0-9-", 16, "age-encryption.org/v1"),
    TokenShape("alibaba-key-id", "LTAI", WORD, 12, "alibabacloud.com/help/en/ram"),
    TokenShape("tencent-key-id", "AKID", WORD, 28, "cloud.tencent.com/document/product/598"),
    TokenShape("scaleway-key-id", "SCW", UPPER, 17, "scaleway.com/en/docs/iam"),
    TokenShape("yandex-token", "AQVN t1. y0_", DOTTED, 35, "yandex.cloud/en/docs/iam/concepts/authorization"),
    TokenShape("exoscale-key-id", "EXO", HEX, 24, "community.exoscale.com/documentation/iam"),
    TokenShape("volcengine-key-id", "AKLT", WORD, 40, "volcengine.com/docs/6291"),
    TokenShape("adobe-secret", "p8e- p9e-", URL_SAFE, 24, "developer.adobe.com/developer-console/docs"),
    TokenShape("contentful-token", "CFPAT-", URL_SAFE, 32, "contentful.com/developers/docs/references"),
    TokenShape("frameio-token", "fio-u-", URL_SAFE, 32, "developer.frame.io/docs"),
    TokenShape("duffel-token", "duffel_live_ duffel_test_", URL_SAFE, 24, "duffel.com/docs/api"),
    TokenShape("easypost-key", "EZAK EZTK", WORD, 40, "docs.easypost.com/docs/authentication"),
    TokenShape("flutterwave-key", "FLWSECK-", WORD + "-", 16, "developer.flutterwave.com/docs"),
    TokenShape("flutterwave-key", "FLWSECK_TEST-", WORD + "-", 12, "developer.flutterwave.com/docs"),
    TokenShape("razorpay-key-id", "rzp_live_ rzp_test_", WORD, 14, "razorpay.com/docs/api"),
    TokenShape("shippo-token", "shippo_live_ shippo_test_", HEX, 32, "docs.goshippo.com/docs/guides_general"),
    TokenShape(
        "plaid-token", "access-sandbox- access-production- access-development-", "0-9a-f-", 32, "plaid.com/docs"
    ),
    TokenShape("typeform-token", "tfp_", DOTTED, 32, "typeform.com/developers/get-started"),
    TokenShape("readme-key", "rdme_", "a-z0-9", 40, "docs.readme.com/reference"),
    TokenShape("prefect-key", "pnu_ pnb_", WORD, 30, "docs.prefect.io/v3"),
    TokenShape("buildkite-token", "bkua_ bkat_ bkaj_ bkct_", WORD, 30, "buildkite.com/docs/apis"),
    TokenShape("circleci-token", "CCIPAT_ CCIPRJ_", WORD + "_", 20, "circleci.com/docs/managing-api-tokens"),
    TokenShape("sonar-token", "sqp_ squ_ sqa_", HEX, 32, "docs.sonarsource.com/sonarqube-server"),
    TokenShape("sourcegraph-token", "sgp_local_ sgd_ slk_", WORD + "_", 32, "sourcegraph.com/docs/cli/how-tos"),
    TokenShape("airtable-token", "pat", DOTTED, 70, "airtable.com/developers/web/guides/personal-access-tokens"),
    TokenShape("asana-token", "1/ 2/ 0/", "0-9a-f/:", 30, "developers.asana.com/docs/personal-access-token"),
    TokenShape("hubspot-token", "pat-na1- pat-na2- pat-eu1- pat-ap1-", "0-9a-fA-F-", 30, "developers.hubspot.com/docs"),
    TokenShape("mapbox-token", "sk.eyJ", DOTTED, 40, "docs.mapbox.com/accounts/guides/tokens"),
    TokenShape("paseto", "v1.local. v2.local. v3.local. v4.local. v2.public. v4.public.", DOTTED, 32, "paseto.io/rfc"),
    TokenShape("bitcoin-key", "xprv zprv yprv tprv", WORD, 100, "github.com/bitcoin/bips bip-0032"),
    TokenShape("zapier-key", "sk-ak-", URL_SAFE, 24, "docs.zapier.com"),
    TokenShape("salesforce-token", "00D", "A-Za-z0-9!._", 90, "help.salesforce.com/s/articleView"),
    TokenShape(
        "openshift-token", "sha256~", URL_SAFE, 40, "docs.openshift.com/container-platform/latest/authentication"
    ),
    TokenShape("kubernetes-token", "K10", "A-Za-z0-9:_.-", 64, "docs.k3s.io/cli/token"),
    TokenShape("docker-swarm-token", "SWMTKN-1- SWMKEY-1-", WORD + "-+/", 24, "docs.docker.com/engine/swarm"),
    TokenShape("ngrok-key", "ak_ cr_", WORD, 26, "ngrok.com/docs/api"),
    TokenShape("unkey-key", "unkey_", WORD, 20, "unkey.com/docs"),
    TokenShape("clerk-key", "ak_live_ ak_test_ mt_live_", WORD, 20, "clerk.com/docs"),
    TokenShape("workos-key", "sk_live_ sk_example_", WORD, 16, "workos.com/docs"),
    TokenShape("cockroach-key", "CCDB1_", WORD + "_", 40, "cockroachlabs.com/docs/cockroachcloud"),
    TokenShape("thunderstore-token", "tss_", WORD, 30, "thunderstore.io/api/docs"),
    TokenShape("snyk-token", "snyk_uat. snyk_sat.", DOTTED, 24, "docs.snyk.io/snyk-api"),
    TokenShape("macaroon", "MDAx MDAy", BASE64, 60, "github.com/nitram509/macaroons.js"),
    TokenShape("jwt", "eyJ", DOTTED, 12, "rfc-editor.org/rfc/rfc7519, rfc7516"),
)

_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+\.[A-Za-z0-9_.-]*")


def _pattern() -> re.Pattern[str]:
    """Return one pattern for all shapes, behind what stands before a token, so that a search skips inside words."""
    by_first: dict[str, list[str]] = {}
    ordered = [(prefix, shape) for shape in TOKEN_SHAPES for prefix in shape.prefixes.split()]
    for prefix, shape in sorted(ordered, key=lambda pair: (-len(pair[0]), pair[0])):
        by_first.setdefault(prefix[0], []).append(f"{re.escape(prefix[1:])}[{shape.alphabet}]{{{shape.least},}}+")
    branches = (f"{first}(?:{'|'.join(rests)})" for first, rests in sorted(by_first.items()))
    return re.compile(f"[^A-Za-z0-9](?:{'|'.join(branches)})")


_TOKENS = _pattern()
_OF_TOKENS = f"{string.ascii_letters}{string.digits}_.~+/=-".encode()
_AS_RUNS = bytes(ord("x") if code in _OF_TOKENS else ord(" ") for code in range(256))
_RUN = b"x" * 15


def has_token_run(text: str) -> bool:
    """Return whether a text has what each text with a token has: as many characters as the shortest one, in a row."""
    return _RUN in text.encode("utf-8", "surrogatepass").translate(_AS_RUNS)


_KINDS = sorted(
    ((prefix, shape.kind) for shape in TOKEN_SHAPES for prefix in shape.prefixes.split()),
    key=lambda pair: -len(pair[0]),
)


def find_tokens(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and kind of each token in a text, in order."""
    found = []
    for match in _TOKENS.finditer(f" {text}"):
        token = match[0][1:]
        kind = next(kind for prefix, kind in _KINDS if token.startswith(prefix))
        if kind == "jwt":
            whole = _JWT.match(token)
            if whole is None:
                continue
            found.append((match.start(), match.start() + whole.end(), kind))
        else:
            found.append((match.start(), match.end() - 1, kind))
    return found
