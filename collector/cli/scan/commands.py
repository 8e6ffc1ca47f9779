"""The commands that look, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "demo": "collector.cli.demo.demo_command:demo",
    "init": "collector.cli.setup.init_command:init",
    "config": "collector.cli.setup.config_command:config",
    "doctor": "collector.cli.scan.doctor_command:doctor",
    "plan": "collector.cli.scan.plan_command:plan",
    "scan": "collector.cli.scan.scan_command:scan",
    "serve": "collector.cli.scan.serve_command:serve",
}

SAYS = {
    "demo": "Look at a made-up company over ninety days, and hand out its bundle.",
    "init": "Write a configuration from what is found here.",
    "config": "Look at the configuration.",
    "doctor": "Look for what would keep a scan from seeing everything.",
    "plan": "Show what a scan would look at, and what it would take.",
    "scan": "Look at the platforms now, judge, and keep both.",
    "serve": "Stay in the foreground, and look at each source by its own interval.",
}
