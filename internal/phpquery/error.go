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
	// Null: a null would arrive as "".
	Null Reason = iota + 1
	// Bool: PHP would see a true or false as text, which compares differently (docs/protocol.md
	// 15.3).
	Bool
	// EmptyList: a list without elements would not arrive, or arrive as [""].
	EmptyList
	// EmptyObject: an object without members would not arrive.
	EmptyObject
	// Reference: the portal would take a part of a text for a reference.
	Reference
	// BadReference: a typed reference is not allowed here.
	BadReference
	// TooMany: a variable exceeds the number PHP reads.
	TooMany
	// Key: PHP would change a name.
	Key
	// Duplicate: a name occurs twice in one object, and PHP would merge the two.
	Duplicate
	// Depth: a value is nested in more brackets than PHP reads.
	Depth
	// Syntax: the text is not a JSON object or list.
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
