// Package filter builds the filters of REST 3.0.
//
//	params := b24.Params{
//		"filter": filter.And(
//			filter.Eq("status", "NEW"),
//			filter.Or(filter.In("id", 1, 2), filter.Gt("id", 100)),
//		),
//	}
//
// A [Node] is a condition or a group of conditions. It encodes itself with encoding/json. Its JSON
// works as the whole filter and as an element of your own list. The grammar has eight operators:
// there is no LIKE, and "not in" is [Not] of [In]. The method that ends in .field.list says which
// fields can be filtered.
//
// REST 3.0 checks the types of values: a field of fractions does not accept a whole number, and
// neither kind of field accepts text with digits. A Go float is therefore always sent with a
// fraction (10.0), and an integer never. A text type with a method Int64() (int64, error), such as
// b24.ID and json.Number, is sent as its number. Times are sent in whole seconds with the offset of
// their zone.
//
// Classic filters such as {">id": 1} do not work here.
package filter

import (
	"errors"
)

// Node is a condition or a group of conditions. It is immutable and safe for concurrent use.
//
// The zero Node is not a condition: [And] and [Or] leave it out, and on its own it encodes as [],
// the filter that matches every row. A variable can therefore hold an optional condition.
type Node struct {
	kind     kind
	text     string // JSON of a condition
	negative bool
	nodes    []Node
	err      error
}

type kind int

const (
	none kind = iota
	condition
	all
	either
)

// And is true if all nodes are true. Without nodes it is the zero [Node].
func And(nodes ...Node) Node {
	n := group(all, nodes)
	if len(n.nodes) == 0 {
		return Node{}
	}
	return n
}

// Or is true if at least one of the nodes is true. Without nodes, or if all are zero, it cannot be
// encoded: a filter meant to choose must not match every row.
func Or(nodes ...Node) Node {
	n := group(either, nodes)
	if len(n.nodes) == 0 {
		n.err = errors.New("or: no alternative is given")
	}
	return n
}

// Not is true if n is false. n does not change; Not of Not is n again. Not of the zero [Node]
// cannot be encoded.
func Not(n Node) Node {
	switch {
	case n.kind == none:
		return Node{kind: all, err: errors.New("not: no condition is given")}
	case n.kind == condition || n.negative:
		n = group(all, []Node{n})
	}
	n.negative = true
	return n
}

// group leaves out zero nodes and returns the first error.
func group(k kind, nodes []Node) Node {
	g := Node{kind: k}
	for _, n := range nodes {
		if n.kind == none {
			continue
		}
		g.nodes = append(g.nodes, n)
		if g.err == nil {
			g.err = n.err
		}
	}
	return g
}

// IsZero reports whether n is the zero [Node]; omitzero uses it.
func (n Node) IsZero() bool { return n.kind == none }

// Err returns the reason why n cannot be encoded, the first one if there are several, or nil. The
// error names the field.
func (n Node) Err() error { return n.err }

// MarshalJSON implements json.Marshaler. A condition is [field,operator,value]. A group of [And] is
// a list of its nodes. Every other group, and a group within a group, is an object. The error is
// that of [Node.Err].
func (n Node) MarshalJSON() ([]byte, error) {
	if n.err != nil {
		return nil, n.err
	}
	if n.kind == none {
		return []byte("[]"), nil
	}
	if n.kind == all && !n.negative {
		return appendList(nil, n.nodes), nil
	}
	return n.append(nil), nil
}

// String returns the JSON of n, or the error in parentheses.
func (n Node) String() string {
	text, err := n.MarshalJSON()
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(text)
}

// append writes n in the form that works everywhere: a group inside another one must name its type
// (docs/protocol.md 9.3).
func (n Node) append(b []byte) []byte {
	if n.kind == condition {
		return append(b, n.text...)
	}
	b = append(b, `{"type":"filter","logic":`...)
	if n.kind == either {
		b = append(b, `"or"`...)
	} else {
		b = append(b, `"and"`...)
	}
	if n.negative {
		b = append(b, `,"negative":true`...)
	}
	b = append(b, `,"conditions":`...)
	b = appendList(b, n.nodes)
	return append(b, '}')
}

func appendList(b []byte, nodes []Node) []byte {
	b = append(b, '[')
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.append(b)
	}
	return append(b, ']')
}
