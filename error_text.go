package b24

import (
	"strings"
	"unicode"
)

// ours begins the text of each error of this package.
const ours = "b24: "

// speaker is an error of this package that can be a part of another one. Its text is "b24: ", the
// subject (such as "crm.deal.add: ", or nothing), and the statement. An error that contains it
// omits a subject that it has already named.
type speaker interface {
	error
	speak() (about, says string)
}

// textOf returns the text of an error, in one line.
func textOf(e speaker) string {
	about, says := e.speak()
	return oneLine(ours + about + says)
}

// parts returns the subject and the statement of err; for a foreign error, the statement is its
// text.
func parts(err error) (about, says string) {
	if e, ok := err.(speaker); ok { //nolint:errorlint // a wrapping error has its own text
		return e.speak()
	}
	return "", err.Error()
}

// inner returns the text of err as a part of an error of this package.
func inner(err error) string {
	about, says := parts(err)
	return about + says
}

// oneLine folds white space, because texts of the portal and of the network may contain line
// breaks.
func oneLine(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' ' // a terminal would interpret it
		}
		return r
	}, s)
	return strings.Join(strings.Fields(plain), " ")
}

// kind is an error for others to match.
type kind struct{ text string }

func newKind(text string) error { return &kind{text} }

func (e *kind) Error() string { return ours + e.text }

func (e *kind) speak() (about, says string) { return "", e.text }

// unsent is a kind for errors of which nothing was sent. A plain kind says nothing about that, so
// the outcome comes from the other errors in the chain.
type unsent struct{ kind }

func newUnsent(text string) error { return &unsent{kind{text}} }

func (*unsent) outcome() Outcome { return OutcomeNotSent }

// refused is a kind for errors of calls that changed nothing.
type refused struct{ kind }

func newRefused(text string) error { return &refused{kind{text}} }

func (*refused) outcome() Outcome { return OutcomeRefused }

// detailedError is an error with additional text, as from fmt.Errorf, but it knows its parts.
type detailedError struct {
	err  error
	more string
	also []error // further errors to match
}

func detailed(err error, more string, also ...error) error {
	return &detailedError{err: err, more: more, also: also}
}

func (e *detailedError) Error() string { return e.err.Error() + e.more }

func (e *detailedError) speak() (about, says string) {
	about, says = parts(e.err)
	return about, says + e.more
}

// Unwrap returns the error without the details first.
func (e *detailedError) Unwrap() []error { return append([]error{e.err}, e.also...) }
