package b24test

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// substitute replaces references to earlier commands in the parameters of a later one,
// docs/protocol.md 4.6: in values only, not in names.
func substitute(params, sections *php.Array) *php.Array {
	out := php.NewArray()
	for key, v := range params.All() {
		switch v := v.(type) {
		case *php.Array:
			out.Set(key, substitute(v, sections))
		case string:
			out.Set(key, resolve(v, sections))
		default:
			out.Set(key, v)
		}
	}
	return out
}

// resolve returns a value with its references replaced. A reference that is the whole value becomes
// what it points to, with its type; elsewhere only text and numbers replace it.
func resolve(value string, sections *php.Array) any {
	for _, ref := range references(value, sections) {
		node := ref.follow(sections)
		if ref.text == value {
			return node
		}
		if s, ok := asText(node); ok {
			value = strings.ReplaceAll(value, ref.text, s)
		}
	}
	return value
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// reference is a part of a value that points into a section.
type reference struct {
	text    string // up to the next space
	section string // as written
	path    []string
}

// references finds the references in a value; one without a path does not count. Any text may
// follow the name of the section.
func references(value string, sections *php.Array) []reference {
	if !strings.Contains(value, "$") {
		return nil
	}
	var found []reference
	names := make([]string, 0, sections.Len())
	for name := range sections.All() {
		names = append(names, regexp.QuoteMeta(name))
	}
	whole := regexp.MustCompile(`(?i)\$(` + strings.Join(names, "|") + `)([^\t-\r ]*)`)
	path := regexp.MustCompile(`\[([^\]]+)\]`)
	for _, m := range whole.FindAllStringSubmatch(value, -1) {
		ref := reference{text: m[0], section: m[1]}
		for _, step := range path.FindAllStringSubmatch(m[2], -1) {
			ref.path = append(ref.path, step[1])
		}
		if ref.path != nil {
			found = append(found, ref)
		}
	}
	return found
}

// follow walks as far as it can: a step that does not exist, or is null, ends the walk at the node
// before it.
func (ref reference) follow(sections *php.Array) any {
	section, _ := sections.Get(ref.section)
	node := section
	for _, key := range ref.path {
		next := member(node, key)
		if next == nil {
			break
		}
		node = next
	}
	if a, ok := node.(*php.Array); ok && node == section {
		return a.Clone() // the section changes later
	}
	return node
}

// member returns what PHP finds under a key of a value, nil if it is not set. The keys of a text
// are the positions of its bytes.
func member(node any, key string) any {
	switch node := node.(type) {
	case *php.Array:
		v, _ := node.Get(key)
		return v
	case string:
		n, ok := php.Index(key)
		if n < 0 {
			n += len(node)
		}
		if ok && n >= 0 && n < len(node) {
			return node[n : n+1]
		}
	}
	return nil
}
