"""Workflows judged by what GitHub does with them: events, expressions, checkouts, commands, local actions, images."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status, Verdict
from connectors.github.actions import settings, workflows
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, unread, verdict, view

SHA = "a" * 40
CHECKOUT = f"actions/checkout@{SHA}"
HEAD = "github.event.pull_request.head"


def repository(default: str = "read") -> settings.RepositoryActions:
    """The Actions settings of the repository."""
    token = {"default_workflow_permissions": default, "can_approve_pull_request_reviews": False}
    return view(settings.RepositoryActions, enabled=True, workflow=token)


def judged(text: str, actions: dict[str, str | None] | None = None, default: str = "read") -> Verdict:
    """The verdict on the text of a workflow; `actions` are the repository's own, by folder."""
    local = [{"folder": folder, "text": action} for folder, action in (actions or {}).items()]
    evidence = view(workflows.Workflow, path=".github/workflows/x.yml", text=text, local_actions=local)
    return verdict(workflows.workflows_safe, evidence, repository(default))


def job(on: str, *steps: str, job: str = "", top: str = "") -> str:
    """A workflow with one job; each step is one line of YAML in flow style or the text of a `run`."""
    lines = [f"on: {on}", *([top] if top else []), "jobs:", "  one:", "    runs-on: ubuntu-latest"]
    lines += [f"    {job}"] if job else []
    lines += ["    steps:", *(f"      - {step}" for step in steps)]
    return "\n".join(lines) + "\n"


def cases(*given: Any) -> list[Any]:
    """Cases with a number each; texts of several lines would be bad names."""
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), id=f"case{number}")
        for number, one in enumerate(given)
    ]


def checkout(ref: str, *, field: str = "ref", action: str = CHECKOUT) -> str:
    """A step that checks out a ref."""
    return f'{{uses: {action}, with: {{{field}: "{ref}"}}}}'


def script(text: str) -> str:
    """A step with a script of several lines."""
    return "run: |\n" + "\n".join(f"          {line}" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    cases(
        # each spelling of the head, as actions/checkout takes it
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}")),
        job("pull_request_target", checkout("refs/pull/${{ github.event.number }}/merge")),
        job("pull_request_target", checkout("${{ github.event.pull_request.merge_commit_sha }}")),
        job("pull_request_target", checkout("${{ github.event.pull_request.head.sha }}", action=f"actions/Checkout@{SHA}")),
        job("pull_request_target", checkout("${{ format('refs/pull/{0}/merge', github.event.number) }}")),
        job("pull_request_target", checkout("${{ GitHub['Event']['pull_request'].HEAD['ref'] }}")),
        job("pull_request_target", checkout(f"${{{{ {HEAD}.repo.full_name }}}}", field="repository")),
        job("pull_request_target", checkout("${{ github.event.after }}")),
        job("[push, pull_request_target]", checkout("${{ github.head_ref || github.ref }}")),
        job("{pull_request_target: {types: [opened]}}", checkout("${{ env.REF }}"), top=f"env: {{REF: '${{{{ {HEAD}.sha }}}}'}}"),
        job("issue_comment", checkout("refs/pull/${{ github.event.issue.number }}/head")),
        job("workflow_run", checkout("${{ github.event.workflow_run.head_sha }}")),
        # commands
        job("pull_request_target", "run: gh pr checkout ${{ github.event.number }} && make"),
        job("issue_comment", "run: git fetch origin pull/${{ github.event.issue.number }}/head && git checkout FETCH_HEAD"),
        job("issue_comment", script('if true; then\n  sudo gh pr checkout "$N"  # the change\nfi')),
        job("pull_request_target", "{run: 'git fetch origin \"$WHAT\"', env: {WHAT: 'refs/pull/${{ github.event.number }}/head'}}"),
        job("pull_request_target", f"{{run: 'git clone \"$FROM\" x', env: {{FROM: '${{{{ {HEAD}.repo.clone_url }}}}'}}}}"),
        job("issue_comment", script('REF=refs/pull/7/merge\ngit -C . fetch --depth 1 origin "+$REF:here"')),
        job("issue_comment", "run: bash -c 'gh pr checkout 7'"),
        # an artifact of the run that a change started
        job(
            "{workflow_run: {workflows: [build], types: [completed]}}",
            f"{{uses: 'actions/download-artifact@{SHA}', with: {{run-id: '${{{{ github.event.workflow_run.id }}}}'}}}}",
            "run: ./build.sh",
        ),
        job(
            "workflow_run",
            f"{{uses: 'dawidd6/action-download-artifact@{SHA}', with: {{path: made}}}}",
            "run: bash made/deploy.sh",
        ),
    ),
)  # fmt: skip
def test_an_outsiders_code_in_a_run_with_secrets_fails(text: str) -> None:
    """Whatever it is called and however it comes."""
    found = judged(text)

    assert found.status is FAIL
    assert "brings an outsider's code" in found.reason


@pytest.mark.parametrize(
    "text",
    cases(
        job("pull_request_target", f"uses: {CHECKOUT}"),
        job("pull_request_target", checkout("${{ github.event.pull_request.base.sha }}")),
        job("pull_request_target", checkout("${{ github.base_ref }}")),
        job("pull_request", checkout(f"${{{{ {HEAD}.sha }}}}")),
        job("workflow_dispatch", checkout("${{ inputs.ref }}")),
        # the event has no such value, which is then empty, and the default branch is checked out
        job("[push, issue_comment]", checkout("${{ github.event_name == 'push' && github.sha || github.ref }}")),
        job("[pull_request, issue_comment]", checkout(f"${{{{ github.event_name == 'pull_request' && {HEAD}.sha || '' }}}}")),
        # no outsider's change gets there
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job=f"if: {HEAD}.repo.full_name == github.repository"),
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job=f"if: ${{{{ !{HEAD}.repo.fork }}}}"),
        job("workflow_run", checkout("${{ github.event.workflow_run.head_sha }}"), job="if: github.event.workflow_run.event == 'push'"),
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job="if: false"),
        job("[pull_request, pull_request_target]", f"{{uses: {CHECKOUT}, if: github.event_name == 'pull_request', with: {{ref: '${{{{ {HEAD}.sha }}}}'}}}}"),
        # words in comments and in quotes
        job("push  # not pull_request_target", checkout("${{ github.head_ref }}")),
        job("issue_comment", script("# gh pr checkout 7\necho 'gh pr checkout 7' \"git fetch origin pull/7/head\"")),
        job("issue_comment", script("cat <<'END' > help.txt\ngh pr checkout 7\nEND\ngit fetch origin main")),
        job("push", "run: \"echo 'this job uses: x'\""),
        job("issue_comment", script("make test  # not: gh pr checkout 7")),
        # an artifact of the same run
        job("workflow_run", f"uses: actions/download-artifact@{SHA}", "run: ./build.sh"),
    ),
)  # fmt: skip
def test_code_of_the_repository_itself_passes(text: str) -> None:
    """The base branch, a run without secrets, a condition that no outsider meets, and mere words."""
    assert judged(text).status is PASS


@pytest.mark.parametrize(
    "text",
    cases(
        job("pull_request_target", checkout("${{ steps.find.outputs.sha }}")),
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job="if: contains(github.event.pull_request.labels.*.name, 'safe')"),
        job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job="environment: outside"),
        job("issue_comment", checkout("refs/pull/${{ github.event.issue.number }}/head"), job="if: github.event.comment.author_association == 'MEMBER'"),
        job("workflow_call", checkout(f"${{{{ {HEAD}.sha }}}}")),
        job("issue_comment", 'run: git fetch origin "$BRANCH"'),
        job("issue_comment", "run: curl -L https://github.com/acme/api/pull/7.diff | git apply"),
        job("issue_comment", "{shell: python, run: 'import subprocess; subprocess.run([\"gh\", \"pr\", \"checkout\", \"7\"])'}"),
        job("issue_comment", "run: printenv BODY | bash"),
        job(
            "workflow_run",
            f"{{uses: 'actions/download-artifact@{SHA}', with: {{run-id: '${{{{ github.event.workflow_run.id }}}}', path: made}}}}",
            "run: cat made/number",
        ),
        job("workflow_run", 'run: gh run download "$RUN"'),
        job("issue_comment", "uses: ./.github/actions/build"),
        job("issue_comment", "run: echo ${{ not an expression }}"),
        job("a_new_event", "run: echo ${{ github.event.thing.text }}"),
    ),
)  # fmt: skip
def test_what_the_workflow_does_not_decide_is_unknown(text: str) -> None:
    """Neither harmless nor dangerous by what is written: a person has to look."""
    found = judged(text)

    assert found.status is UNKNOWN
    assert ".github/workflows/x.yml" in found.reason


@pytest.mark.parametrize(
    "text",
    cases(
        job("issues", "run: echo ${{ github.event.issue.TITLE }}"),
        job("issues", "run: echo '${{ toJSON(github.event) }}'"),
        job("issues", "run: echo ${{ github['event']['issue']['body'] }}"),
        job("issues", "run: echo ${{ toJson(github) }}"),
        job("push", "run: echo ${{ join(github.event.commits.*.message, ' ') }}"),
        job("push", "run: echo ${{ github.event.commits[0].author.name }}"),
        job("issues", script("true\necho \"${{ format('{0}', github.event.issue.title) }}\"")),
        job("pull_request", "run: echo ${{ github.head_ref }}"),
        job("issue_comment", "{run: 'echo ${{ env.TEXT }}', env: {TEXT: '${{ github.event.comment.body }}'}}"),
        job("issue_comment", "{run: 'eval \"$TEXT\"', env: {TEXT: '${{ github.event.comment.body }}'}}"),
        job("issues", f"{{uses: actions/github-script@{SHA}, with: {{script: 'log(`${{{{ github.event.issue.title }}}}`)'}}}}"),
        job("workflow_run", "run: echo ${{ github.event.workflow_run.head_branch }}"),
        job("discussion", "run: echo ${{ github.event.discussion.body || 'none' }}"),
    ),
)  # fmt: skip
def test_text_of_outsiders_in_a_command_fails(text: str) -> None:
    """In any spelling: names have no case, an index is a property, and functions pass on what they are given."""
    found = judged(text)

    assert found.status is FAIL
    assert "puts text of outsiders into a command" in found.reason


@pytest.mark.parametrize(
    "text",
    cases(
        job("push", "run: echo ${{ github.event.repository.name }} ${{ github.ref_name }} ${{ github.sha }}"),
        job("issues", "{run: 'echo \"$TITLE\"', env: {TITLE: '${{ github.event.issue.title }}'}}"),
        job("issues", "run: echo ${{ github.event.issue.number }} ${{ github.actor }} ${{ secrets.X }} ${{ vars.Y }}"),
        job("issues", "run: echo ${{ contains(github.event.issue.title, 'x') }} ${{ hashFiles('x') }}"),
        job("issues", f"{{uses: actions/github-script@{SHA}, with: {{script: 'log(context.payload.issue.title)'}}}}"),
        job("workflow_dispatch", "run: echo ${{ inputs.name }} ${{ github.event.inputs.name }} ${{ toJSON(github.event) }}"),
        job("push", "{id: a, run: make}", "run: echo ${{ steps.a.outputs.version }} ${{ matrix.os }}", job="strategy: {matrix: {os: [x, y]}}"),
        job("push", "run: echo hello", top="# run: echo ${{ github.event.issue.title }}"),
        job("push", "{name: 'Say ${{ github.event.head_commit.message }}', run: 'true'}"),
        "",
        "# on: push\n",
    ),
)  # fmt: skip
def test_harmless_values_in_a_command_pass(text: str) -> None:
    """What GitHub makes, what people of the organization decide, and what a shell gets as a variable."""
    assert judged(text).status is PASS


@pytest.mark.parametrize(
    "text",
    cases(
        job("issues", "run: echo ${{ steps.a.outputs.title }}"),
        job("issues", "run: echo ${{ github.event.issue.something_new }}"),
        job("issues", "run: echo ${{ github.event[matrix.field] }}"),
        job("workflow_call", "run: echo ${{ inputs.title }}"),
        job("issues", f"{{uses: acme/say@{SHA}, with: {{text: '${{{{ github.event.issue.title }}}}'}}}}"),
        job("push", "{id: a, run: 'echo \"m=$(git log -1 --format=%s)\" >> $GITHUB_OUTPUT'}", "run: echo ${{ steps.a.outputs.m }}"),
        "on: push\njobs: [\n",
        "on: push\n",
        "jobs: {a: {steps: []}}\n",
        "on: push\non: issues\njobs: {}\n",
    ),
)  # fmt: skip
def test_a_value_of_which_nobody_says_who_decides_it_is_unknown(text: str) -> None:
    """A value that is not documented, the output of a step, the input of a caller; and no workflow at all."""
    assert judged(text).status is UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        (job("push", f"uses: {CHECKOUT}"), PASS),
        (job("push", f"uses: {CHECKOUT.replace('a' * 40, 'A' * 40)}"), PASS),
        (job("push", "uses: actions/checkout@v4"), FAIL),
        (job("push", f"uses: actions/checkout@{SHA[:-1]}"), FAIL),
        (job("push", f"uses: {CHECKOUT}", "# - uses: actions/cache@v4"), PASS),
        (job("push", "uses: docker://alpine:3"), FAIL),
        (job("push", f"uses: docker://alpine@sha256:{'b' * 64}"), PASS),
        (job("push", "run: make", job="container: x:latest"), FAIL),
        (job("push", "run: make", job=f"container: {{image: 'x:1@sha256:{'b' * 64}'}}"), PASS),
        (job("push", "run: make", job="services: {db: {image: 'postgres:16'}}"), FAIL),
        (
            "on: push\njobs: {a: {container: '${{ matrix.image }}', strategy: {matrix: {image: ['x:1']}}, steps: []}}\n",
            FAIL,
        ),
        (job("push", "run: make", job="container: '${{ inputs.image }}'"), UNKNOWN),
        ("on: push\njobs: {a: {uses: acme/x/.github/workflows/y.yml@main}}\n", FAIL),
        ("on: push\njobs: {a: {uses: ./.github/workflows/y.yml}}\n", PASS),
        (job("push", "run: make", top="permissions: write-all"), FAIL),
        (job("push", "run: make", top="permissions: write-all", job="permissions: {contents: read}"), PASS),
        (job("push", "run: make", job="permissions: write-all"), FAIL),
        (job("push", "run: make", top="permissions: read-all"), PASS),
    ),
)  # fmt: skip
def test_names_that_can_change_and_tokens_with_every_right(text: str, expected: Status) -> None:
    """Actions, called workflows, images of containers and of services; permissions of the workflow or of the job."""
    assert judged(text).status is expected


def test_without_permissions_the_repositorys_default_counts() -> None:
    """The same as `write-all`, said elsewhere; where the settings were not read, that is not known."""
    text = job("push", "run: make")

    assert judged(text, default="write").status is FAIL
    assert judged(job("push", "run: make", top="permissions: {}"), default="write").status is PASS
    evidence = view(workflows.Workflow, path="x.yml", text=text, local_actions=[])
    assert verdict(workflows.workflows_safe, evidence, unread(settings.RepositoryActions)).status is UNKNOWN


COMPOSITE = """
inputs: {title: {default: none}}
runs:
  using: composite
  steps:
    - {shell: bash, run: "echo ${{ inputs.title }}"}
"""


@pytest.mark.parametrize(
    ("actions", "given", "expected"),
    cases(
        ({"say": COMPOSITE}, "${{ github.event.issue.title }}", FAIL),
        ({"say": COMPOSITE}, "${{ github.event.issue.number }}", PASS),
        ({"say": "runs: {using: composite, steps: [{uses: actions/cache@v4}]}"}, "x", FAIL),
        ({"say": "runs: {using: docker, image: 'docker://x:1'}"}, "x", FAIL),
        ({"say": "runs: {using: docker, image: Dockerfile}"}, "x", PASS),
        ({"say": "runs: {using: composite, steps: [{uses: ./deeper}]}", "deeper": COMPOSITE}, "x", PASS),
        ({"say": "runs: {using: composite, steps: [{uses: ./say}]}"}, "x", UNKNOWN),
        ({"say": None}, "x", UNKNOWN),
        ({}, "x", UNKNOWN),
    ),
)
def test_the_repositorys_own_actions_are_read(actions: dict[str, str | None], given: str, expected: Status) -> None:
    """Their steps with the inputs that they are given; one that was not found, or that uses itself, is a question."""
    text = job("issues", f"{{uses: ./say, with: {{title: '{given}'}}}}")

    assert judged(text, actions).status is expected
    assert judged(text.replace("./say", "$/say"), actions).status is expected


def test_a_workflow_that_an_earlier_version_read_is_unknown_until_it_is_read_again() -> None:
    """Its text was not kept then; the bodies stay readable."""
    kept: dict[str, Any] = {"path": "x.yml", "sha": SHA, "facts": {"unpinned": [], "untrusted": []}}

    found = verdict(workflows.workflows_safe, view(workflows.Workflow, **kept), repository())

    assert found.status is UNKNOWN
    assert verdict(workflows.workflows_safe, unread(workflows.Workflow), repository()).status is UNKNOWN


def test_aliases_do_not_grow_without_end() -> None:
    """A workflow of a few hundred characters that stands for billions of nodes is unknown, at once."""
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]

    assert judged("\n".join([*lines, "on: push", "jobs: {a: {steps: []}}"])).status is UNKNOWN


def sent(run: str, value: str, event: str = "issues", kind: str = "bash") -> str:
    """A workflow with one step, that has a text of an outsider as the variable T."""
    step = f"{{shell: {kind}, run: '{run}', env: {{T: \"${{{{ {value} }}}}\"}}}}"
    return job(event, step, top="permissions: {}")


BODY, TITLE, NUMBER = "github.event.issue.body", "github.event.issue.title", "github.event.issue.number"


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        (sent('echo "T=$T" >> "$GITHUB_ENV"', BODY), FAIL),
        (sent('printf "T=%s" "${T}" >> $GITHUB_ENV', "github.event.comment.body", "issue_comment"), FAIL),
        (
            job(
                "issues",
                '{run: "cat >> $GITHUB_ENV <<EOF\\nT=$T\\nEOF\\n", env: {T: "${{ github.event.issue.body }}"}}',
            ),
            FAIL,
        ),
        (sent('echo "T=$T" >> $GITHUB_ENV', "github.event.head_commit.message", "push"), FAIL),
        # a name of one line is the value of one variable, and what later steps do with that is not read
        (sent('echo "T=$T" >> "$GITHUB_ENV"', TITLE), UNKNOWN),
        # between delimiters that nobody can guess, as GitHub documents it, the text is harmless
        (sent('{ echo "T<<$D"; echo "$T"; echo "$D"; } >> "$GITHUB_ENV"', BODY), UNKNOWN),
        (sent('printf "T=%s" "$T" | tee -a "$GITHUB_ENV"', BODY), UNKNOWN),
        # an entry of the path is a folder of programs
        (sent('echo "$T" >> $GITHUB_PATH', "github.head_ref", "pull_request_target"), FAIL),
        (job("pull_request_target", 'run: echo "$GITHUB_HEAD_REF" >> $GITHUB_PATH', top="permissions: {}"), FAIL),
        (sent('echo "T=$T" >> "$GITHUB_ENV"', NUMBER), PASS),
        (sent("echo PYPI=https://upload.pypi.org/legacy/ >> $GITHUB_ENV", BODY), PASS),
        (sent('echo "T=$T" >> "$GITHUB_ENV"', "github.event.review.body", "pull_request_review"), PASS),
    ),
)
def test_what_later_steps_are_set_up_with(text: str, expected: Status) -> None:
    """A second line sets another variable, such as BASH_ENV ("Workflow commands", "Secure use reference")."""
    assert (
        judged(text.replace("jobs:", "permissions: {}\njobs:") if "permissions" not in text else text).status
        is expected
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        (sent('bash <<< "$T"', TITLE), FAIL),
        (sent("Invoke-Expression $env:T", TITLE, kind="pwsh"), FAIL),
        (sent('iex "echo $Env:t"', TITLE, kind="powershell"), FAIL),
        (sent("Write-Output $env:T", TITLE, kind="pwsh"), PASS),
        (sent('echo "$T" | xargs -I{} sh -c "{}"', TITLE), UNKNOWN),
        (sent('echo "$T" | xargs -n1 echo', TITLE), PASS),
    ),
)
def test_text_that_is_sent_to_a_shell(text: str, expected: Status) -> None:
    """However it comes there, a shell runs it."""
    assert judged(text).status is expected


CODE = "github.com/${{ github.event.pull_request.head.repo.full_name }}"


@pytest.mark.parametrize(
    ("step", "expected"),
    cases(
        (f"run: npm install https://{CODE}/tarball/main", UNKNOWN),
        (f"run: pip install git+https://{CODE}@main", UNKNOWN),
        ("run: docker build https://github.com/acme/api.git#refs/pull/${{ github.event.number }}/head", UNKNOWN),
        ("run: gh pr diff ${{ github.event.number }} | patch -p1", UNKNOWN),
        (f'{{uses: docker/build-push-action@{SHA}, with: {{context: "https://{CODE}.git"}}}}', UNKNOWN),
        ("run: docker build -t ghcr.io/acme/api:${{ github.event.pull_request.head.sha }} .", PASS),
        ("run: npm version 0.0.0-${{ github.event.pull_request.head.sha }}", PASS),
        (f"{{uses: docker/build-push-action@{SHA}, with: {{context: .}}}}", PASS),
    ),
)
def test_tools_that_take_code_by_its_address(step: str, expected: Status) -> None:
    """A package, or an image, is made of what is at the address, and runs while it is made."""
    assert judged(job("pull_request_target", step, top="permissions: {}")).status is expected


@pytest.mark.parametrize(
    ("event", "condition", "expected"),
    [
        ("issue_comment", "github.event.issue.user.login == 'ann'", FAIL),
        ("issue_comment", "github.event.issue.author_association == 'OWNER'", FAIL),
        ("issues", "github.event.issue.author_association == 'OWNER'", PASS),
        ("issues", "github.event.issue.user.login == 'ann'", PASS),
    ],
)
def test_who_opened_an_issue_says_nothing_of_who_comments_on_it(event: str, condition: str, expected: Status) -> None:
    """Anybody may comment on the issue of an owner of the organization."""
    text = "github.event.comment.body" if event == "issue_comment" else TITLE
    step = f"run: echo ${{{{ {text} }}}}"

    assert judged(job(event, step, job=f"if: {condition}", top="permissions: {}")).status is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("${{ github.event.pull_request.head.repo.fork == false }}", PASS),
        ("|-\n      ${{ github.event.pull_request.head.repo.fork == false }}", PASS),
        ("|\n      github.event.pull_request.head.repo.fork == false", PASS),
        ("|\n      ${{ github.event.pull_request.head.repo.fork == false }}", FAIL),
        ("'${{ github.event.pull_request.head.repo.fork == false }} '", FAIL),
    ],
)
def test_a_condition_with_anything_beside_the_braces_always_holds(condition: str, expected: Status) -> None:
    """The whole becomes a text, and a text that is not empty holds, also where only a line break is beside them."""
    text = job("pull_request_target", checkout(f"${{{{ {HEAD}.sha }}}}"), job=f"if: {condition}", top="permissions: {}")

    assert judged(text).status is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("core.exportVariable('T', context.payload.issue.body)", UNKNOWN),
        ("require('child_process').execSync(`echo ${context.payload.issue.title}`)", UNKNOWN),
        ("eval(process.env.T)", UNKNOWN),
        ("const found = /x/.exec(context.payload.issue.body)", PASS),
        ("core.exportVariable('T', 'ready')", PASS),
        ("console.log(context.payload.issue.title)", PASS),
    ],
)
def test_what_a_script_of_javascript_runs(source: str, expected: Status) -> None:
    """Expressions are not the only way into it."""
    lines = f"script: |\n            {source}"
    step = f"uses: actions/github-script@{SHA}\n        with:\n          {lines}"

    assert judged(job("issues", step, top="permissions: {}")).status is expected
