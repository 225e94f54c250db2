package b24

import (
	"strings"
	"unicode"
)

// ours begins the text of each error of this package.
const ours = "b24: "

// speaker is an error of this package that can be a part of another one. Its text is "b24: ", what
// it is about ("crm.deal.add: " for one, or nothing), and what it says: whoever has it as a part
// leaves out what stands before it already.
type speaker interface {
	error
	speak() (about, says string)
}

// textOf is the text of an error, in one line.
func textOf(e speaker) string {
	about, says := e.speak()
	return oneLine(ours + about + says)
}

// parts returns what err is about and what it says; of a foreign error that is its text.
func parts(err error) (about, says string) {
	if e, ok := err.(speaker); ok { //nolint:errorlint // what wraps one has a text of its own
		return e.speak()
	}
	return "", err.Error()
}

// inner is the text of err as a part of an error of this package.
func inner(err error) string {
	about, says := parts(err)
	return about + says
}

// oneLine folds white space: what the portal and the network say may have line
// ends in it.
func oneLine(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' ' // a terminal would obey it
		}
		return r
	}, s)
	return strings.Join(strings.Fields(plain), " ")
}

// kind is an error that others match.
type kind struct{ text string }

func newKind(text string) error { return &kind{text} }

func (e *kind) Error() string { return ours + e.text }

func (e *kind) speak() (about, says string) { return "", e.text }

// unsent is an error that others match of which nothing was sent. A kind alone says nothing of that,
// so that what else an error wraps is asked.
type unsent struct{ kind }

func newUnsent(text string) error { return &unsent{kind{text}} }

func (*unsent) outcome() Outcome { return OutcomeNotSent }

// detailedError is an error with more to its text, as fmt.Errorf makes one, that knows its parts.
type detailedError struct {
	err  error
	more string
	also []error // what is matched, too
}

func detailed(err error, more string, also ...error) error {
	return &detailedError{err: err, more: more, also: also}
}

func (e *detailedError) Error() string { return e.err.Error() + e.more }

func (e *detailedError) speak() (about, says string) {
	about, says = parts(e.err)
	return about, says + e.more
}

// Unwrap returns the error without its details first.
func (e *detailedError) Unwrap() []error { return append([]error{e.err}, e.also...) }
