package phpquery

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Reason is why a query string cannot carry the parameters of a command.
type Reason int

const (
	// Null is a null, which would arrive as "".
	Null Reason = iota + 1
	// Bool is a true or false, which PHP would see as text, and that compares differently
	// (docs/protocol.md 15.3).
	Bool
	// EmptyList is a list without elements, which would not arrive, or arrive as [""].
	EmptyList
	// EmptyObject is an object without members, which would not arrive.
	EmptyObject
	// Reference is a text in which the portal would see a reference.
	Reference
	// BadReference is a typed reference that is not allowed here.
	BadReference
	// TooMany is a variable beyond the number that PHP reads.
	TooMany
	// Key is a name that PHP would change.
	Key
	// Duplicate is a name that occurs twice in one object: PHP would merge the two.
	Duplicate
	// Depth is a value nested in more brackets than PHP reads.
	Depth
	// Syntax is a text that is not a JSON object or list.
	Syntax
)

// Error names the parameter that a query string cannot carry. Its text never contains a value.
type Error struct {
	// Path is the path of the parameter: "fields.UF_X[2]"; empty for the whole.
	Path string
	// Reason is the kind of problem.
	Reason Reason
	// Problem is the reason in words, without the path.
	Problem string
	// Err is the error of Refs; nil for other reasons.
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

// Alone reports whether the same parameters can be sent as JSON in a separate call outside the
// batch, provided that they contain no reference.
func (e *Error) Alone() bool { return e.Reason != Syntax && e.Reason != BadReference }

func (e *encoder) refuse(reason Reason, problem string) error {
	return &Error{Path: e.path(e.dec.StackPointer()), Reason: reason, Problem: problem}
}

func (e *encoder) syntax(err error) error {
	se, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok { // the text ended early
		return &Error{Reason: Syntax, Problem: "is not JSON: " + err.Error()}
	}
	return &Error{Path: e.path(se.JSONPointer), Reason: Syntax, Problem: "is not JSON: " + se.Err.Error()}
}

// path writes a pointer to a value within the open objects and lists in the notation of callers,
// cut if it is long.
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

// printable keeps an error on one line, and makes an empty name visible.
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
