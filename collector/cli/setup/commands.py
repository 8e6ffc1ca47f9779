"""Commands that prepare annexd: where each is, what `annexd --help` says of it, and examples of its use."""

from __future__ import annotations

COMMANDS = {
    "init": "collector.cli.setup.init_command:init",
    "config": "collector.cli.setup.config_command:config",
    "connectors": "collector.cli.setup.setup_commands:connectors",
    "permissions": "collector.cli.setup.setup_commands:permissions",
    "demo": "collector.cli.demo.demo_command:demo",
    "new": "collector.cli.setup.new_command:new",
    "deploy": "collector.cli.setup.deploy_command:deploy",
    "help": "collector.cli.setup.help_command:help_",
}

SAYS = {
    "init": "Write a configuration from what is found here.",
    "config": "Check the configuration; print one with every setting.",
    "connectors": "List the platforms, and what to install for each.",
    "permissions": "Print the permissions that the enabled checks need.",
    "demo": "Look at a made-up company over ninety days.",
    "new": "Write a package to begin with.",
    "deploy": "Print files for running annexd as a service.",
    "help": "Show the documentation, page by page.",
}

EXAMPLES = {
    "init": ("annexd init", "annexd init --config /etc/annexd/config.toml"),
    "config": ("annexd config check", "annexd config example > config.example.toml"),
    "config check": ("annexd config check",),
    "config example": ("annexd config example > config.example.toml",),
    "connectors": ("annexd connectors", "annexd connectors coverage aws"),
    "connectors coverage": ("annexd connectors coverage aws",),
    "permissions": ("annexd permissions aws > policy.json", "annexd permissions github --source code"),
    "demo": ("annexd demo",),
    "new": ("annexd new connector acme",),
    "new connector": ("annexd new connector acme --dir ../annexd-acme",),
    "deploy": ("annexd deploy systemd > annexd.service", "annexd deploy helm --dir annexd-chart"),
    "help": ("annexd help", "annexd help glossary"),
}

OLDER: dict[str, tuple[str, ...]] = {}
