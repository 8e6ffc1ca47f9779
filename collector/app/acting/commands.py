"""The commands that look, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "demo": "collector.app.demo.demo_command:demo",
    "init": "collector.app.acting.init:init",
    "config": "collector.app.acting.config_command:config",
    "doctor": "collector.app.acting.doctor:doctor",
    "plan": "collector.app.acting.plan_command:plan",
    "scan": "collector.app.acting.scan:scan",
    "serve": "collector.app.daemon.serve_command:serve",
}

SAYS = {
    "demo": "Scan a made-up company that is played on this machine.",
    "init": "Write a configuration from what is found here.",
    "config": "Look at the configuration.",
    "doctor": "Look for what would keep a scan from seeing everything.",
    "plan": "Show what a scan would look at, and what it would take.",
    "scan": "Look at the platforms now, judge, and keep both.",
    "serve": "Stay in the foreground, and look at each source by its own interval.",
}
