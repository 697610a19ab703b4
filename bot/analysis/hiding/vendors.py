"""Keys and tokens that tell by their form whose they are."""

from __future__ import annotations

from bot.analysis.hiding.rule import rule

# No letter, digit or dash before: the middle of a longer word is no token.
_ALONE = r"(?<![\w-])"
_WORD = r"(?<![A-Za-z0-9])"

RULES = (
    rule(
        "aws-key",
        "akia asia abia acca",
        r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])",
    ),
    rule(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"(?:gh[pousr]_[A-Za-z0-9]{30,}+|github_pat_\w{22,}+)",
    ),
    rule(
        "gitlab-token",
        "glpat- glptt- gldt- glrt- glrtr- glcbt- glft- glimt- glagent- glsoat- glffct- gloas-",
        _WORD + r"gl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|soat|ffct|oas)-[\w.-]{20,}+",
    ),
    rule(
        "slack-token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp- xwfp-",
        _WORD + r"(?:xox[a-z][.-]|xapp-|xwfp-)[\w.%-]{8,}+",
    ),
    rule(
        "webhook",
        "://hooks. ://discord.com/api/webhooks/ ://discordapp.com/api/webhooks/",
        r"://(?:hooks\.[a-z.]{3,40}+|discord(?:app)?\.com/api/webhooks)/(?P<secret>[\w/-]{20,}+)",
    ),
    rule(
        "webhook",
        ".webhook.office.com/",
        r"\.webhook\.office\.com/(?:webhookb2/)?(?P<secret>[\w/@-]{40,}+)",
    ),
    rule("model-key", "sk-", _ALONE + r"sk-[\w-]{20,}+"),
    rule("model-key", "gsk_ xai- r8_ pplx-", _ALONE + r"(?:gsk_|xai-|r8_|pplx-)[A-Za-z0-9]{32,}+"),
    rule(
        "stripe-key",
        "sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ whsec_",
        _WORD + r"(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{10,}+",
    ),
    rule("google-key", "aiza", _WORD + r"AIza[\w-]{35}"),
    rule("google-key", "ya29.", _WORD + r"ya29\.[\w-]{20,}+"),
    rule("google-key", "gocspx-", _WORD + r"GOCSPX-[\w-]{20,}+"),
    rule("google-key", "1//0", r"(?<![\w/])1//0[\w-]{30,}+"),
    rule("npm-token", "npm_", _WORD + r"npm_[A-Za-z0-9]{36,}+"),
    rule("pypi-token", "pypi-", _WORD + r"pypi-[\w-]{50,}+"),
    rule("huggingface-token", "hf_ api_org_", _WORD + r"(?:hf|api_org)_[A-Za-z0-9]{30,}+"),
    rule("sendgrid-key", "sg.", _ALONE + r"SG\.[\w-]{16,32}\.[\w-]{32,}+"),
    rule("mailgun-key", "key-", _ALONE + r"key-[0-9a-f]{32}(?!\w)"),
    rule("mailchimp-key", "-us1", r"-us\d{1,2}(?!\w)", left=r"[0-9a-f]{32}"),
    rule("vault-token", "hvs. hvb. hvr.", _WORD + r"hv[sbr]\.[\w-]{20,}+"),
    rule("terraform-token", ".atlasv1.", r"\.atlasv1\.[\w-]{40,}+", left=r"[A-Za-z0-9]{14}"),
    rule("twilio-key", "sk", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
    rule("digitalocean-token", "doo_v1_ dop_v1_ dor_v1_", _WORD + r"do[opr]_v1_[0-9a-f]{64}"),
    rule("databricks-token", "dapi", _WORD + r"dapi[0-9a-f]{32}(?:-\d)?"),
    rule(
        "shopify-token",
        "shpat_ shpss_ shpca_ shppa_ shptka_",
        _WORD + r"shp(?:at|ss|ca|pa|tka)_[0-9a-fA-F]{32}",
    ),
    rule("square-token", "sq0atp- sq0csp- sq0idp-", _WORD + r"sq0(?:atp|csp|idp)-[\w-]{22,}+"),
    rule("square-token", "eaaa", _ALONE + r"EAAA[\w+=-]{60,}+"),
    rule("newrelic-key", "nrak- nrjs- nrii- nraa-", _WORD + r"NR(?:AK|JS|II|AA)-[\w-]{19,}+"),
    rule("newrelic-key", "nral", r"NRAL(?!\w)", left=r"[0-9a-f]{36}"),
    rule(
        "grafana-token",
        "glsa_ glc_",
        _WORD + r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[\w+/=-]{32,}+)",
    ),
    rule("docker-token", "dckr_pat_ dckr_oat_", _WORD + r"dckr_[po]at_[\w-]{20,}+"),
    rule("linear-key", "lin_api_ lin_oauth_", _WORD + r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}+"),
    rule(
        "notion-token", "ntn_ secret_", _ALONE + r"(?:ntn_[A-Za-z0-9]{40,}+|secret_[A-Za-z0-9]{43})"
    ),
    rule("atlassian-token", "atatt atctt atbb atoa", _WORD + r"AT(?:ATT|CTT|BB|OA)[\w=.-]{24,}+"),
    rule(
        "telegram-token", "00000000:aa 000000000:aa 0000000000:aa", r"(?<!\w)\d{8,10}:AA[\w-]{32,}+"
    ),
    rule("heroku-key", "hrku-", _WORD + r"HRKU-[\w-]{32,}+"),
    rule("pulumi-token", "pul-", _WORD + r"pul-[0-9a-f]{40}"),
    rule("sentry-token", "sntrys_ sntryu_", _WORD + r"sntry[su]_[\w+/=-]{32,}+"),
    rule("postman-key", "pmak-", _WORD + r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    rule("dynatrace-token", "dt0c01. dt0s01.", _WORD + r"dt0[cs]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    rule("tailscale-key", "tskey-", _WORD + r"tskey-[a-z]{2,8}-[\w-]{10,}+"),
    rule(
        "doppler-token", "dp.pt. dp.st. dp.ct. dp.sa.", _WORD + r"dp\.(?:pt|st|ct|sa)\.[\w.-]{40,}+"
    ),
    rule("planetscale-token", "pscale_", _WORD + r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,}+"),
    rule("figma-token", "figd_ figu_", _WORD + r"fig[du]_[\w-]{30,}+"),
    rule("age-key", "age-secret-key-", _WORD + r"AGE-SECRET-KEY-1[A-Z0-9]{40,}+"),
    rule("azure-secret", "8q~", r"\dQ~[\w.~-]{31,}+", left=r"[\w.~-]{3}"),
)
