"""The notations of Mermaid in Markdown, for tests: the same diagram in each of them."""

from __future__ import annotations

BODY = 'graph LR\n  A[Lambda] --> B["S3 & <b>SQS</b>"]\n'
_ESCAPED = BODY.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
_INDENTED = BODY.rstrip().replace("\n", "\n    ")

NOTATIONS: dict[str, str] = {
    "backticks": f"```mermaid\n{BODY}```\n",
    "tildes": f"~~~~ mermaid\n{BODY}~~~~\n",
    "upper case": f"```Mermaid\n{BODY}```\n",
    "attributes after the language": f"```mermaid {{#id .wide}}\n{BODY}```\n",
    "mmd": f"```mmd\n{BODY}```\n",
    "MyST": f"```{{mermaid}}\n{BODY}```\n",
    "MyST with options": f"```{{mermaid}}\n:align: center\n:caption: A caption\n\n{BODY}```\n",
    "MyST with attributes": f"```{{mermaid .wide, x=1}}\n{BODY}```\n",
    "MyST with colons": f":::{{mermaid}}\n:name: shop\n{BODY}:::\n",
    "MyST with a longer fence": f"````{{mermaid}}\n{BODY}````\n",
    "Azure DevOps": f"::: mermaid\n{BODY}:::\n",
    "Azure DevOps without a space": f":::mermaid\n{BODY}:::\n",
    "Azure DevOps with more colons": f":::: mermaid\n{BODY}::::\n",
    "Azure DevOps after a paragraph": f"text\n::: mermaid\n{BODY}:::\ntext\n",
    "Azure DevOps, indented": f"  ::: mermaid  \n  {BODY.replace(chr(10), chr(10) + '  ').rstrip(' ')}  :::  \n",
    "Pandoc": f"```{{.mermaid}}\n{BODY}```\n",
    "Pandoc with a space": f"``` {{.mermaid}}\n{BODY}```\n",
    "Pandoc with attributes": f'```{{.mermaid width="80%" caption="The shop"}}\n{BODY}```\n',
    "Pandoc with an id": f"~~~ {{#shop .mermaid .wide}}\n{BODY}~~~\n",
    "Pandoc with spaces in the braces": f"```{{ .mermaid }}\n{BODY}```\n",
    "HTML": f'<pre class="mermaid">\n{_ESCAPED}</pre>\n',
    "HTML without escapes": f'<pre class="mermaid">\n{BODY.replace("&", "&amp;")}</pre>\n',
    "HTML with text beside the tags": f'<pre class="mermaid">{_ESCAPED.rstrip()}</pre>\n',
    "HTML with several classes": f"<pre id='x' class='wide mermaid'>\n{_ESCAPED}</pre>\n",
    "HTML in upper case": f"<PRE CLASS=mermaid>\n{_ESCAPED}</PRE>\n",
    "HTML with blank lines": f'<pre class="mermaid">\n\n{_ESCAPED}\n\n</pre>\n',
    "HTML with numbers": '<pre class="mermaid">\n'
    + BODY.replace("&", "&#38;").replace("<", "&#x3c;").replace(">", "&#62;")
    + "</pre>\n",
}

OTHERS: dict[str, str] = {
    "another language": f"```python\n{BODY}```\n",
    "another class": f"```{{.python .mermaid}}\n{BODY}```\n",
    "another directive": f"```{{code-block}} mermaid\n{BODY}```\n",
    "another container": f"::: note\n{BODY}:::\n",
    "two colons": f":: mermaid\n{BODY}::\n",
    "no language": f"```\n{BODY}```\n",
    "another class of <pre>": f'<pre class="mermaids">\n{_ESCAPED}</pre>\n',
    "<pre> without a class": f"<pre>\n{_ESCAPED}</pre>\n",
    "<pre> in a comment": f'<!--\n<pre class="mermaid">\n{_ESCAPED}</pre>\n-->\n',
    "a notation in a code block": f"````md\n::: mermaid\n{BODY}:::\n````\n",
    "a notation in an indented code block": f"text\n\n    ::: mermaid\n    {_INDENTED}\n    :::\n",
}
