// Package filter builds the filters of REST 3.0.
//
//	params := b24.Params{
//		"filter": filter.And(
//			filter.Eq("status", "NEW"),
//			filter.Or(filter.In("id", 1, 2), filter.Gt("id", 100)),
//		),
//	}
//
// A [Node] is a condition or a group of them. It encodes itself through
// encoding/json, and its JSON is as good for the whole filter as for an element
// of a list of one's own. The grammar knows eight operators: there is no LIKE,
// and "not in" is [Not] of [In]. Which fields a method filters by is told by the
// method that ends in .field.list.
//
// REST 3.0 looks at the types of values: a whole number is none for a field of
// fractions, and text with digits is none for either (protocol.md 9.3). So a Go
// float always goes out with a fraction (10.0), an integer never does, and a
// text type with a method Int64() (int64, error), as b24.ID and json.Number have
// it, goes out as the number it holds. Moments go out in whole seconds with the
// offset of their zone.
//
// A filter of the classic API, an object such as {">id": 1}, is none here.
package filter

import (
	"errors"
)

// Node is a condition or a group of conditions. It never changes once it is
// built, and any number of goroutines may use it.
//
// The zero Node is no condition at all: [And] and [Or] leave it out, and alone
// it encodes as [], the filter that lets every row pass. So a condition that is
// only sometimes wanted can stand in a variable.
type Node struct {
	kind     kind
	text     string // of a condition: its JSON
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

// And is true where each of the nodes is. Without any it is the zero [Node].
func And(nodes ...Node) Node {
	n := group(all, nodes)
	if len(n.nodes) == 0 {
		return Node{}
	}
	return n
}

// Or is true where at least one of the nodes is. If there is none, or all are
// zero, it cannot be encoded: a filter that was to choose must not let every row
// pass.
func Or(nodes ...Node) Node {
	n := group(either, nodes)
	if len(n.nodes) == 0 {
		n.err = errors.New("or: no alternative is given")
	}
	return n
}

// Not is true where n is not. n itself stays as it is; Not of Not means n again.
// Not of the zero [Node] cannot be encoded.
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

// group leaves zero nodes out and takes over the first error.
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

// IsZero reports whether n is no condition at all; omitzero asks it.
func (n Node) IsZero() bool { return n.kind == none }

// Err is the reason why n cannot be encoded, the first one if there are several;
// nil if it can. It names the field.
func (n Node) Err() error { return n.err }

// MarshalJSON implements json.Marshaler. A condition is [field,operator,value].
// [And] is a list of its nodes, every other group an object, as is a group
// within a group. The error is that of [Node.Err].
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

// String is the JSON of n, or the error in parentheses.
func (n Node) String() string {
	text, err := n.MarshalJSON()
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(text)
}

// append writes n in the form that is understood everywhere: a group inside of
// another one must name its type (protocol.md 9.3).
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
