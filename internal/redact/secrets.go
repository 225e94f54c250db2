package redact

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Shortest is the length from which a secret is masked wherever it stands. A shorter one would tear up text that only happens to hold
// it; where it stands as a secret, [Text] finds it.
const Shortest = 6

// minPiece is the length from which a piece of a secret is masked at a place where the text was cut. A shorter one tells nothing.
const minPiece = 3

// Secrets knows the secrets of one client by what they are, in addition to all that [Text] knows. It is immutable; nil and the zero
// value know nothing more than [Text].
type Secrets struct {
	// A closure, for no dump of a value that holds it prints what it knows.
	match func(text string, i int, at place) (end int)
}

// New returns Secrets that know the given ones. Those shorter than 6 bytes are left to [Text].
func New(secrets ...string) *Secrets {
	known := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return len(s) < Shortest })
	if len(known) == 0 {
		return &Secrets{}
	}
	slices.SortStableFunc(known, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return &Secrets{match: func(text string, i int, at place) int {
		for _, secret := range known {
			if end := literalEnd(text, i, secret, at); end > i {
				return end
			}
			if !at.begins {
				continue
			}
			for from := 1; from <= len(secret)-minPiece; from++ {
				if end := literalEnd(text, i, secret[from:], at); end > i {
					return end
				}
			}
		}
		return i
	}}
}

// Text is the function Text, which also masks the literal secrets: raw, percent-encoded, escaped for JSON or for HTML, in any letter
// case; cut off by the end of s after at least 6 characters; and what is left of them, 3 characters or more, on either side of an ellipsis.
func (s *Secrets) Text(text string) string {
	if s == nil || s.match == nil {
		return scan(text)
	}
	return scan(s.literals(text, Shortest))
}

// Holds reports whether text holds a literal secret, in whatever way it is spelled. A word that a secret begins with is none.
func (s *Secrets) Holds(text string) bool { return s.finds(text, math.MaxInt) }

// finds reports whether literals masks anything.
func (s *Secrets) finds(text string, atEnd int) bool {
	return s != nil && s.match != nil && s.literals(text, atEnd) != text
}

// literals masks the literal secrets, from atEnd characters on where the end of the text cuts one off.
func (s *Secrets) literals(text string, atEnd int) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		end := s.match(text, i, place{atEnd: atEnd, begins: endsInCut(text[:i])})
		if end == i {
			i++
			continue
		}
		out.WriteString(text[done:i])
		out.WriteString(Mask)
		done, i = end, end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// place says what is known of a place in a text.
type place struct {
	atEnd  int  // how much of a secret must be left where the text ends
	begins bool // something was cut off right before it
}

// literalEnd returns where the secret at s[i:] ends, in whatever way it is encoded, or where it is cut off; i if there is none.
func literalEnd(s string, i int, secret string, at place) int {
	if c := s[i]; lower(c) != lower(secret[0]) && c != '%' && c != '\\' && c != '&' && c != '+' && c != '~' {
		return i
	}
	if len(s)-i >= len(secret) && sameFold(s[i:i+len(secret)], secret) {
		return i + len(secret)
	}
	end := i
	for k := range len(secret) {
		u := unitAt(s, end)
		if u.size == 0 && k >= at.atEnd {
			return end // the rest was cut off
		}
		if u.size == 0 || lower(u.c) != lower(secret[k]) && (u.c != '+' || secret[k] != ' ') {
			if cut := cutAt(s, end, at); cut >= 0 && k >= minPiece {
				return cut
			}
			return i
		}
		end += u.size
	}
	return end
}

// sameFold reports whether a and b, of one length, differ at most in the case of ASCII letters.
func sameFold(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// InName reports whether a name that a caller made up, of a method or a command, holds a literal secret or the address of a webhook.
func (s *Secrets) InName(name string) bool {
	if s.Holds(name) {
		return true
	}
	t := scanner{s: name, addresses: true}
	t.run()
	return t.done > 0
}
