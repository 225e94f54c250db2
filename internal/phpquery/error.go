package phpquery

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Reason says why a query string cannot carry the parameters of a command.
type Reason int

// The reasons; the zero value is none of them.
const (
	// Null is a null: it would arrive as "".
	Null Reason = iota + 1
	// Bool is a true or false: PHP would see a text, which it compares otherwise (docs/protocol.md 15.3).
	Bool
	// EmptyList is a list without elements: it would not arrive, or as [""].
	EmptyList
	// EmptyObject is an object without members: it would not arrive.
	EmptyObject
	// Reference is a text in which the portal would see a reference.
	Reference
	// BadReference is a typed reference that is not allowed here.
	BadReference
	// TooMany is a variable beyond the number PHP reads.
	TooMany
	// Key is a name that PHP would change.
	Key
	// Duplicate is a name that stands twice in one object: PHP would merge the two.
	Duplicate
	// Depth is a value below more brackets than PHP follows.
	Depth
	// Syntax is no JSON text of an object or list.
	Syntax
)

// Error says which parameter a query string cannot carry. Its text never holds
// a value.
type Error struct {
	// Path names the parameter: "fields.UF_X[2]"; empty for the whole.
	Path string
	// Reason is why.
	Reason Reason
	// Problem is the reason in words, without the path.
	Problem string
	// Err is what Refs returned, nil for other reasons.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Alone reports whether the same parameters can be sent as JSON, in a call of
// its own outside the batch, provided that no reference is among them.
func (e *Error) Alone() bool { return e.Reason != Syntax && e.Reason != BadReference }

func (e *encoder) refuse(reason Reason, problem string) error {
	return &Error{Path: e.path(e.dec.StackPointer()), Reason: reason, Problem: problem}
}

func (e *encoder) syntax(err error) error {
	se, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok { // the text ended early
		return &Error{Reason: Syntax, Problem: "is no JSON: " + err.Error()}
	}
	return &Error{Path: e.path(se.JSONPointer), Reason: Syntax, Problem: "is no JSON: " + se.Err.Error()}
}

// path writes a pointer to a value within the open objects and lists the way
// a caller does, cut where it would grow long.
func (e *encoder) path(p jsontext.Pointer) string {
	const longest = 8
	var b strings.Builder
	level := 0
	for token := range p.Tokens() {
		if level == longest {
			b.WriteString("...")
			break
		}
		level++
		if level <= e.dec.StackDepth() && e.inList(level) {
			b.WriteString("[" + token + "]")
			continue
		}
		if level > 1 {
			b.WriteByte('.')
		}
		b.WriteString(printable(token))
	}
	return b.String()
}

func (e *encoder) inList(level int) bool {
	kind, _ := e.dec.StackIndex(level)
	return kind == jsontext.KindBeginArray
}

// printable keeps an error on one line, and an empty name visible.
func printable(name string) string {
	for _, r := range name {
		if !strconv.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	if name == "" {
		return `""`
	}
	return name
}
