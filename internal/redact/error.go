package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Error cleans errors of the transport. A chain without secrets is returned unchanged. Otherwise
// each [*url.Error] is replaced by the error inside it, and each error that still contains a secret
// by one that
//
//   - has the same text without the secrets,
//   - matches what the original matches with errors.Is, and reports Timeout and Temporary like it,
//   - unwraps to the parts of the original that contain no secrets, so that errors.As finds those,
//   - does not reveal the original with any formatting verb.
func (s *Secrets) Error(err error) error {
	if err == nil {
		return nil
	}
	c := cleaner{secrets: s}
	clean, _ := c.clean(err)
	return clean
}

// cleaner cleans one chain of errors.
type cleaner struct {
	secrets *Secrets
	strip   []string // texts of the *url.Error values found so far, each followed by its replacement
}

// clean returns err without secrets, and whether it had to change anything.
func (c *cleaner) clean(err error) (clean error, changed bool) {
	if ue, ok := err.(*url.Error); ok { //nolint:errorlint // what wraps one is handled by the recursion
		if ue == nil || ue.Err == nil {
			return &maskedError{text: "request failed", is: func(error) bool { return false }}, true
		}
		clean, _ = c.clean(ue.Err)
		c.strip = append(c.strip, ue.Error(), clean.Error())
		return clean, true
	}
	var parts []error
	for _, part := range unwrap(err) {
		if part == nil {
			continue
		}
		p, ch := c.clean(part)
		parts = append(parts, p)
		changed = changed || ch
	}
	if !changed && !c.leaks(err) {
		return err, false
	}
	return c.masked(err, parts), true
}

// leaks reports whether err shows a secret in its text, when printed, or when dumped.
func (c *cleaner) leaks(err error) bool {
	for _, format := range [...]string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, err); c.secrets.Text(text) != text {
			return true
		}
	}
	// JSON and dumps are searched for literal secrets only: in a certificate, for example, names
	// would be misleading.
	return c.secrets.finds(inJSON(err), Shortest) || c.secrets.inDump(err)
}

// inJSON returns the JSON of an error, or "" if it cannot be encoded.
func inJSON(err error) (text string) {
	defer func() {
		if recover() != nil { // its MarshalJSON has a bug
			text = ""
		}
	}()
	b, failed := json.Marshal(err)
	if failed != nil {
		return ""
	}
	return string(b)
}

// masked returns the replacement of err, whose parts are already clean.
func (c *cleaner) masked(err error, parts []error) error {
	m := &maskedError{
		text:  c.secrets.Text(strings.NewReplacer(c.strip...).Replace(err.Error())),
		is:    func(target error) bool { return errors.Is(err, target) },
		parts: parts,
	}
	if t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok {
		m.timeout = t.Timeout()
	}
	if t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err); ok {
		m.temporary = t.Temporary()
	}
	return m
}

// unwrap returns the errors that err itself wraps.
func unwrap(err error) []error {
	switch e := err.(type) { //nolint:errorlint // one level is what is asked for
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

// maskedError replaces an error that contains a secret. It holds the original only in a closure,
// which no dump follows.
type maskedError struct {
	text               string
	is                 func(target error) bool
	parts              []error
	timeout, temporary bool
}

// Error implements error.
func (e *maskedError) Error() string { return e.text }

// Is reports whether the original error matches target.
func (e *maskedError) Is(target error) bool { return e.is(target) }

// Unwrap returns the parts of the original error without secrets.
func (e *maskedError) Unwrap() []error { return e.parts }

// Timeout implements net.Error.
func (e *maskedError) Timeout() bool { return e.timeout }

// Temporary implements net.Error.
func (e *maskedError) Temporary() bool { return e.temporary }
