package scan

import (
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// filterNodes makes the caller's filter of REST 3.0 a list of nodes, a comma
// behind each: they are joined by "and" (protocol.md 9.3).
func filterNodes(filter []byte) ([]byte, *flaw) {
	switch {
	case filter[0] == '{' && isGroup(filter), filter[0] == '[' && isTriple(filter):
		return append(append([]byte{}, filter...), ','), nil
	case filter[0] == '[':
		var nodes []byte
		jsonwalk.Elements(filter, func(node []byte) bool {
			nodes = append(append(nodes, node...), ',')
			return true
		})
		return nodes, nil
	default:
		return nil, &flaw{ErrParams, `REST 3.0 takes a filter like [["id",">",1]], not like {">id":1}`}
	}
}

// isTriple tells one condition from a list of nodes.
func isTriple(filter []byte) bool {
	first := byte(0)
	jsonwalk.Elements(filter, func(value []byte) bool {
		first = value[0]
		return false
	})
	return first == '"'
}

// isGroup tells a group or a condition from the filter of v2.
func isGroup(filter []byte) bool {
	group := false
	jsonwalk.Members(filter, func(quoted, _ []byte) bool {
		switch unquote(quoted) {
		case "conditions", "logic", "type":
			group = true
		}
		return !group
	})
	return group
}

// mentions reports whether a condition anywhere in the filter is of the field.
func mentions(filter []byte, field string) bool {
	found := false
	if isTriple(filter) {
		jsonwalk.Elements(filter, func(value []byte) bool {
			found = strings.EqualFold(plain(value), field)
			return false
		})
		return found
	}
	inner := func(value []byte) bool {
		found = value[0] == '[' && mentions(value, field) || value[0] == '{' && mentions(value, field)
		return !found
	}
	jsonwalk.Elements(filter, inner)
	jsonwalk.Members(filter, func(_, value []byte) bool { return inner(value) })
	return found
}

// appendNode writes a condition and a comma; without a value nothing.
func appendNode(out []byte, field, op string, value []byte) []byte {
	if value == nil {
		return out
	}
	out = append(append(out, '['), quote(field)...)
	out = append(append(append(out, `,"`...), op...), `",`...)
	return append(append(out, value...), `],`...)
}
