"""Examples of each command, which its help text shows at the end."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "new": (
        ("diagramkit new shop", "write shop.mmd"),
        ("diagramkit new shop --template data-lake", "start from another diagram"),
        ("diagramkit new shop --spec", "write shop.yaml, and its schema for editors"),
    ),
    "config": (("diagramkit config", ""),),
    "completion": (
        ("diagramkit completion bash >> ~/.bashrc", ""),
        ("diagramkit completion zsh > ~/.zfunc/_diagramkit", "if ~/.zfunc is in fpath"),
        ("diagramkit completion fish > ~/.config/fish/completions/diagramkit.fish", ""),
    ),
    "render": (
        ("diagramkit render shop.mmd -o shop.svg", "one picture"),
        ("diagramkit render docs specs -f svg,png", "all diagrams in two folders"),
        ("diagramkit render shop.mmd --theme light,dark", "one picture for each theme"),
        ("diagramkit render --check", "in CI: are all pictures current?"),
    ),
    "export": (
        ("diagramkit export shop.mmd -o shop.drawio", ""),
        ("diagramkit export shop.mmd --to python", "print a script that uses the package diagrams"),
    ),
    "pull": (
        ("diagramkit pull shop.drawio", "after shop.drawio was edited"),
        ("diagramkit pull --check deck.pptx", "only print what would change"),
    ),
    "deck": (("diagramkit deck specs -o slides.pptx", ""),),
    "serve": (("diagramkit serve docs", "then open the address that it prints"),),
    "check": (
        ("diagramkit check docs", ""),
        ("diagramkit check --fix shop.mmd", "also correct what can be corrected"),
    ),
    "show": (("diagramkit show shop.mmd", ""),),
    "icons": (
        ("diagramkit icons transit gateway", "search"),
        ("diagramkit icons add aws", "use AWS's current icons in this project"),
    ),
    "explain": (("diagramkit explain mermaid-end", ""),),
    "mcp": (
        ("diagramkit mcp", "for a client that starts the server itself, in the folder of the project"),
        ("diagramkit mcp --http 8700", "for clients that connect over HTTP"),
    ),
    "skill": (("diagramkit skill", "write .claude/skills/diagramkit/SKILL.md"),),
    "embed": (
        ("diagramkit embed README.md docs", ""),
        ("diagramkit embed --check README.md docs", "in CI: are all pictures current?"),
    ),
    "gallery": (("diagramkit gallery specs -o site", ""),),
    "wiki": (("diagramkit wiki shop.mmd --to confluence", ""),),
    "import": (
        ("diagramkit import catalog.md -o specs", "a Markdown catalog"),
        ("diagramkit import template.yaml cdk.out -o specs", "CloudFormation and the CDK"),
        ("diagramkit import infra --level detail", "Terraform, with more details"),
        ("diagramkit import compose.yaml k8s", "Docker Compose and a kustomization"),
        ("diagramkit import", "again, with the same options; what was edited stays"),
        ("diagramkit import --check", "in CI: are all specs as their templates?"),
    ),
    "schema": (("diagramkit schema > spec.schema.json", ""),),
}
"""The examples of each command, with comments."""


def text(command: str) -> str:
    """Return the end of a command's help text."""
    width = max(len(example) for example, _ in EXAMPLES[command])
    lines = [f"  {example:<{width}}  {comment}".rstrip() for example, comment in EXAMPLES[command]]
    return "\n".join(("examples:", *lines))
