"""Source code in other languages than Python, by function and class. It is parsed (tree-sitter), never run."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.grammars import AKIN, GRAMMARS, Grammar, parser_for
from workbench.core.knowledge.loaders.headings import shorten
from workbench.core.knowledge.loaders.plain import line_block, paragraphs
from workbench.core.knowledge.loaders.raw import RawFile
from workbench.core.knowledge.loaders.signatures import ending_of_text

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_SOURCE_BYTES = 2_000_000
"""Larger source is machine-made (bundles, tables) and its tree takes a hundred times its size; it is kept as text."""

MAX_DEPTH = 40
"""How deep definitions are looked for in others; people stop at five."""

MOSTLY_BROKEN = 0.3
"""Share of a file in places that do not parse above which the grammar has not understood it."""

FUNCTIONS = frozenset(
    {
        "function_declaration", "function_definition", "function_item", "function_statement", "function_signature_item",
        "generator_function_declaration", "method_definition", "method_declaration", "method", "singleton_method",
        "constructor_declaration", "compact_constructor_declaration", "destructor_declaration", "operator_declaration",
        "secondary_constructor", "init_declaration", "deinit_declaration", "class_method_definition",
        "macro_definition", "function_signature",
    }
)  # fmt: skip
"""Nodes of all grammars that are a function or method: never opened."""

HOLDERS = frozenset(
    {
        "class_declaration", "abstract_class_declaration", "class_definition", "class_specifier", "struct_specifier",
        "union_specifier", "enum_specifier", "interface_declaration", "enum_declaration", "record_declaration",
        "annotation_type_declaration", "struct_declaration", "namespace_declaration", "namespace_definition",
        "internal_module", "module", "class", "struct_item", "enum_item", "trait_item", "impl_item", "mod_item",
        "union_item", "trait_declaration", "protocol_declaration", "object_declaration", "companion_object",
        "object_definition", "trait_definition", "enum_definition", "class_statement", "enum_statement",
        "type_declaration", "type_definition", "type_alias_declaration", "type_alias_statement", "block",
    }
)  # fmt: skip
"""Nodes that name a type or a namespace, which may hold functions. `block` is Terraform's; others' are not walked."""

WRAPPERS = frozenset(
    {"export_statement", "decorated_definition", "template_declaration", "ambient_declaration", "expression_statement"}
)
"""Nodes around one definition, which belongs to it as a whole."""

CONTAINERS = frozenset(
    {
        "preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif", "linkage_specification", "declaration_list",
        "statement_list", "enum_body_declarations", "body", "body_statement", "ERROR",
    }
)  # fmt: skip
"""Nodes around several definitions, which say nothing about their names."""

COMMENTS = frozenset(
    {"comment", "line_comment", "block_comment", "multiline_comment", "attribute_item", "decorator", "attribute_list"}
)
"""What belongs to the definition that follows it."""

ASSIGNED = frozenset({"arrow_function", "function_expression", "function", "class", "function_definition"})
"""Values that make a variable or a field a definition: JavaScript and Lua name functions in this way."""

NAMES = ("function_name", "simple_name", "identifier", "type_identifier")
"""Nodes that name a definition in grammars that have no field for it."""

BODIES = ("body", "class_body", "enum_class_body", "interface_body", "template_body", "declaration_list", "block")


@dataclass(frozen=True)
class _Cut:
    """From this line (index from 0) on, the code belongs to `name`; an empty name is the file's own code."""

    line: int
    name: str


@dataclass(frozen=True)
class _Definition:
    """A definition: the node that names it, and the one that has all its lines."""

    node: "Node"
    outer: "Node"


def load_source(file: RawFile) -> LoadedDocument:
    """Each function, method and class head is a block named by its qualified name; the code between has none.

    Code that does not parse is cut at its empty lines, with a notice.
    """
    text, notices = decode_text(file)
    ending = file.path.suffix.lower()
    grammar = GRAMMARS.get(ending) or GRAMMARS.get(ending_of_text(file.data))  # a script may have no ending
    blocks, trouble, _ = parsed_blocks(text, grammar) if grammar else (tuple(paragraphs(text)), "", True)
    if trouble:
        notices += (f"{file.name} {trouble}; it is kept as text",)
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        kind=PassageKind.CODE,
        blocks=blocks,
        notices=notices,
    )


def parsed_blocks(text: str, grammar: Grammar) -> tuple[tuple[Block, ...], str, bool]:
    """The blocks of a source text, why it was cut at its empty lines instead (empty when not), and if all parses."""
    source = text.encode("utf-8", "replace")
    if len(source) > MAX_SOURCE_BYTES:
        return tuple(paragraphs(text)), f"has more than {MAX_SOURCE_BYTES // 1_000_000} MB of {grammar.name}", False
    root = parser_for(grammar).parse(source).root_node
    if _broken_share(root) > MOSTLY_BROKEN and grammar in AKIN:
        root = parser_for(AKIN[grammar]).parse(source).root_node
    if _broken_share(root) > MOSTLY_BROKEN:
        return tuple(paragraphs(text)), f"does not parse as {grammar.name}", False
    lines = text.split("\n")
    cuts = sorted(_cuts(root, lines, _Names(grammar.separator)), key=lambda cut: cut.line)
    return tuple(_blocks(lines, cuts)), "", not root.has_error


def _blocks(lines: list[str], cuts: list[_Cut]) -> Iterator[Block]:
    for here, following in itertools.pairwise([_Cut(0, ""), *cuts, _Cut(len(lines), "")]):
        block = line_block(lines, here.line, following.line, heading=here.name)
        if block is not None:
            yield block


def _broken_share(root: "Node") -> float:
    """Share of the text in the outermost places that do not parse."""
    broken, pending = 0, [root]
    while pending:
        node = pending.pop()
        if node.is_error:
            broken += node.end_byte - node.start_byte
        elif node.has_error:
            pending += node.children
    return broken / max(1, root.end_byte - root.start_byte)


@dataclass(frozen=True)
class _Names:
    """How the names of the definitions inside one are made."""

    separator: str
    owner: str = ""
    depth: int = 0

    def of(self, name: str) -> str:
        """The qualified name."""
        return shorten(f"{self.owner}{self.separator}{name}" if self.owner and name else name or self.owner)

    def inside(self, name: str) -> "_Names":
        """For what stands inside the definition `name` (qualified)."""
        return _Names(self.separator, name, self.depth + 1)


def _cuts(parent: "Node", lines: list[str], names: _Names) -> Iterator[_Cut]:
    """A cut where each definition in `parent` begins, with its comments, and one where it ends."""
    done = parent.start_point.row
    comments: int | None = None
    for child in parent.children:
        if child.type in COMMENTS:
            comments = child.start_point.row if comments is None else comments
            comments = comments if child.start_point.row >= done else None
            continue
        found = _definition(child) if child.is_named else None
        if found is not None:
            start = child.start_point.row
            first = start if comments is None or _gap(lines, comments, start) else max(comments, done)
            yield from _cuts_of(found, first, lines, names)
        elif child.is_named and child.type in CONTAINERS and names.depth < MAX_DEPTH:
            yield from _cuts(child, lines, names.inside(names.owner))
        comments = None
        done = _end_line(child)


def _gap(lines: list[str], start: int, end: int) -> bool:
    """Whether an empty line parts the comment that begins at `start` from what begins at `end`."""
    return any(not line.strip() for line in lines[start:end])


def _cuts_of(found: _Definition, first: int, lines: list[str], names: _Names) -> Iterator[_Cut]:
    """The cuts of one definition and of those inside it."""
    name = names.of(_name(found.node))
    yield _Cut(first, name)
    if found.node.type in HOLDERS and names.depth < MAX_DEPTH:
        yield from _cuts(_body(found.node), lines, names.inside(name))
    yield _Cut(_end_line(found.outer), names.owner)


def _end_line(node: "Node") -> int:
    """Index of the line after the node."""
    return node.end_point.row + (node.end_point.column > 0)


def _definition(node: "Node") -> _Definition | None:
    """The definition that `node` is or wraps."""
    inner, depth = node, 0
    while inner.type in WRAPPERS and depth < MAX_DEPTH:
        following = next(
            (child for child in reversed(inner.named_children) if child.type not in COMMENTS and not child.is_error),
            None,
        )
        if following is None:
            return None
        inner, depth = following, depth + 1
    if inner.type in FUNCTIONS or (inner.type in HOLDERS and _names_something(inner)) or _assigned(inner) is not None:
        return _Definition(inner, node)
    return None


def _names_something(node: "Node") -> bool:
    """Whether a holder is a definition, and not a block of statements or a mention of a type."""
    if node.type == "block":
        return bool(node.named_children) and node.named_children[0].type == "identifier"
    return bool(_name(node)) or node.type in ("companion_object", "impl_item")


def _assigned(node: "Node") -> "Node | None":
    """The name under which a function is assigned, in JavaScript (`const f = () => {}`) and Lua; else None."""
    if node.type in ("lexical_declaration", "variable_declaration"):
        node = next((child for child in node.named_children if child.type not in COMMENTS), node)
    name = node.child_by_field_name("name") or node.child_by_field_name("left") or node.child_by_field_name("property")
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    if node.type == "assignment_statement":
        pair = node.named_children
        if len(pair) != 2 or not pair[1].named_children:
            return None
        name, value = pair[0], pair[1].named_children[0]
    if name is None or value is None or value.type not in ASSIGNED:
        return None
    return name


def _body(node: "Node") -> "Node":
    """The node whose children are the members; the definition itself when it has no other."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body
    return next((child for child in node.named_children if child.type in BODIES), node)


def _name(node: "Node") -> str:
    """What a definition calls itself, without its owner's name; empty when it has none."""
    assigned = _assigned(node)
    if assigned is not None:
        return _text(assigned)
    if node.type == "block":
        labels = itertools.takewhile(lambda child: child.type in ("identifier", "string_lit"), node.named_children)
        return ".".join(_text(label).strip('"') for label in labels)
    if node.type == "type_declaration":  # Go's: one or more specs
        node = next((child for child in node.named_children if child.type in ("type_spec", "type_alias")), node)
    receiver = node.child_by_field_name("receiver")
    owner = f"{_receiver(receiver)}." if receiver is not None else ""
    named = node.child_by_field_name("name") or (node.child_by_field_name("type") if node.type == "impl_item" else None)
    if named is None:
        named = _declared(node) or next((child for child in node.named_children if child.type in NAMES), None)
    if named is None:
        return {"init_declaration": "init", "deinit_declaration": "deinit", "companion_object": "companion"}.get(
            node.type, ""
        )
    name = _text(named)
    return owner + (name.partition("<")[0].rstrip() if node.type == "impl_item" else name)


def _declared(node: "Node") -> "Node | None":
    """The name inside C's declarators: `*(name)(...)`."""
    declarator = node.child_by_field_name("declarator")
    for _ in range(MAX_DEPTH):
        if declarator is None:
            return None
        inner = declarator.child_by_field_name("declarator")
        if inner is None and declarator.type in ("parenthesized_declarator", "reference_declarator"):
            inner = next(iter(declarator.named_children), None)
        if inner is None:
            return declarator
        declarator = inner
    return None


def _receiver(parameters: "Node") -> str:
    """The type that a Go method belongs to."""
    words = _text(parameters).strip("()").replace("*", " ").split()
    return words[-1].partition("[")[0] if words else ""


def _text(node: "Node") -> str:
    return " ".join((node.text or b"").decode("utf-8", "replace").split())
