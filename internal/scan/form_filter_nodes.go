package scan

import (
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// filterNodes turns the caller's REST 3.0 filter into a list of nodes joined by "and"
// (docs/protocol.md 9.3).
func filterNodes(filter []byte) ([][]byte, *flaw) {
	switch {
	case filter[0] == '{' && isGroup(filter), filter[0] == '[' && isTriple(filter):
		return [][]byte{typed(nil, filter)}, nil
	case filter[0] == '[':
		var nodes [][]byte
		jsonwalk.Elements(filter, func(node []byte) bool {
			nodes = append(nodes, typed(nil, node))
			return true
		})
		return nodes, nil
	default:
		return nil, &flaw{reason: ErrParams, detail: `REST 3.0 takes a filter like [["id",">",1]], not like {">id":1}`}
	}
}

// condition splits a node that is a single condition: ["id","in",[1,2]]. The operator is optional.
func condition(node []byte) (field, op string, value []byte, ok bool) {
	var parts [][]byte
	whole := jsonwalk.Elements(node, func(part []byte) bool {
		parts = append(parts, part)
		return true
	})
	switch {
	case !whole || len(parts) < 2 || len(parts) > 3:
		return "", "", nil, false
	case len(parts) == 3:
		return plain(parts[0]), plain(parts[1]), parts[2], true
	case isList(parts[1]):
		return plain(parts[0]), "in", parts[1], true
	default:
		return plain(parts[0]), "=", parts[1], true
	}
}

// idsOf returns the list of ids in a node that filters by them, or nil for any other node.
func idsOf(node []byte, key string) []byte {
	field, op, value, ok := condition(node)
	if !ok || field != key || op != "in" || !isList(value) {
		return nil
	}
	return value
}

// typed copies a node to out and adds the type that a portal requires of a group inside another
// group.
func typed(out, node []byte) []byte {
	if node[0] != '{' || !has(node, "conditions") {
		return append(out, node...)
	}
	out = append(out, '{')
	if !has(node, "type") {
		out = append(out, `"type":"filter",`...)
	}
	jsonwalk.Members(node, func(quoted, value []byte) bool {
		out = append(append(out, quoted...), ':')
		if unquote(quoted) == "conditions" && value[0] == '[' {
			out = typedAll(out, value)
		} else {
			out = append(out, value...)
		}
		out = append(out, ',')
		return true
	})
	return append(out[:len(out)-1], '}')
}

func typedAll(out, nodes []byte) []byte {
	out = append(out, '[')
	empty := len(out)
	jsonwalk.Elements(nodes, func(node []byte) bool {
		out = append(typed(out, node), ',')
		return true
	})
	if len(out) > empty {
		out = out[:len(out)-1]
	}
	return append(out, ']')
}

// isTriple distinguishes a single condition from a list of nodes.
func isTriple(filter []byte) bool {
	triple := false
	jsonwalk.Elements(filter, func(value []byte) bool {
		triple = value[0] == '"' || value[0] == '{' && has(value, "expression")
		return false
	})
	return triple
}

// has reports whether an object has a member of that name.
func has(object []byte, name string) bool {
	found := false
	jsonwalk.Members(object, func(quoted, _ []byte) bool {
		found = unquote(quoted) == name
		return !found
	})
	return found
}

// isGroup distinguishes a group or a condition from a classic filter.
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

// mentions reports whether any condition in the filter is on the field.
func mentions(filter []byte, field string) bool {
	found := false
	if isTriple(filter) {
		first := true
		jsonwalk.Elements(filter, func(value []byte) bool {
			found = first && strings.EqualFold(plain(value), field) || value[0] == '{' && isOf(value, field)
			first = false
			return !found
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

// isOf reports whether an expression is on the field.
func isOf(expression []byte, field string) bool {
	found := false
	jsonwalk.Members(expression, func(quoted, value []byte) bool {
		found = unquote(quoted) == "parameters" && strings.EqualFold(plain(value), field)
		return !found
	})
	return found
}

// appendNode writes a condition and a comma; without a value it writes nothing.
func appendNode(out []byte, field, op string, value []byte) []byte {
	if value == nil {
		return out
	}
	out = append(append(out, '['), quote(field)...)
	out = append(append(append(out, `,"`...), op...), `",`...)
	return append(append(out, value...), `],`...)
}
