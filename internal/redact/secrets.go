package redact

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Shortest is the length from which a secret is masked wherever it occurs. A shorter one would mask
// parts of unrelated text; at the usual places of secrets, [Text] finds it.
const Shortest = 6

// minPiece is the length from which a piece of a secret is masked where the text was cut. A shorter
// piece reveals nothing.
const minPiece = 3

// Secrets finds the literal secrets of one client, in addition to everything [Text] finds. It is
// immutable; nil and the zero value find nothing more than [Text].
type Secrets struct {
	// A closure, so that no dump of a value that contains it prints the secrets. It finds the next
	// secret of a text at or after from.
	next func(text string, from, atEnd int) (start, end int, found bool)
}

// New returns Secrets that find the given ones. Those shorter than 6 bytes are left to [Text].
func New(secrets ...string) *Secrets {
	var k known
	for _, secret := range secrets {
		if len(secret) >= Shortest {
			k.add(secret)
		}
	}
	if len(k.secrets) == 0 {
		return &Secrets{}
	}
	slices.SortStableFunc(k.secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return &Secrets{next: k.next}
}

// known are literal secrets, the longest first.
type known struct {
	secrets []string
	starts  [256]bool // a secret may begin with this byte, in any spelling
}

func (k *known) add(secret string) {
	k.secrets = append(k.secrets, secret)
	for _, c := range []byte(`%\&+~`) {
		k.starts[c] = true
	}
	k.starts[lower(secret[0])], k.starts[upper(secret[0])] = true, true
}

func (k *known) next(text string, from, atEnd int) (start, end int, found bool) {
	for i := from; i < len(text); i++ {
		begins := endsInCut(text[:i])
		if !begins && !k.starts[text[i]] {
			continue
		}
		if end := k.endAt(text, i, place{atEnd: atEnd, begins: begins}); end > i {
			return i, end, true
		}
	}
	return 0, 0, false
}

// endAt returns where the secret at text[i:] ends, or i if there is none.
func (k *known) endAt(text string, i int, at place) int {
	for _, secret := range k.secrets {
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
}

// Text is the function [Text] that also masks the literal secrets: raw, percent-encoded, escaped
// for JSON or HTML, in any letter case; cut off by the end of text after at least 6 characters; and
// what remains of them, 3 characters or more, on either side of an ellipsis.
func (s *Secrets) Text(text string) string {
	if s == nil || s.next == nil {
		return scan(text)
	}
	return scan(s.literals(text, Shortest))
}

// Holds reports whether text contains a literal secret in any spelling. The mere beginning of a
// secret does not count.
func (s *Secrets) Holds(text string) bool {
	return s.finds(text, math.MaxInt)
}

// finds reports whether literals would mask anything.
func (s *Secrets) finds(text string, atEnd int) bool {
	if s == nil || s.next == nil {
		return false
	}
	_, _, found := s.next(text, 0, atEnd)
	return found
}

// literals masks the literal secrets; one that the end of the text cuts off, if atEnd characters or
// more remain.
func (s *Secrets) literals(text string, atEnd int) string {
	start, end, found := s.next(text, 0, atEnd)
	if !found {
		return text
	}
	var out strings.Builder
	done := 0
	for found {
		out.WriteString(text[done:start])
		out.WriteString(Mask)
		done = end
		start, end, found = s.next(text, end, atEnd)
	}
	out.WriteString(text[done:])
	return out.String()
}

// place is what is known of a place in a text.
type place struct {
	atEnd  int  // how much of a secret must remain at the end of the text
	begins bool // something was cut off immediately before it
}

// literalEnd returns where the secret at s[i:] ends, in any encoding, or where it is cut off; i if
// there is none.
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

// upper returns the ASCII upper case of c.
func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

// sameFold reports whether a and b, of equal length, differ at most in the case of ASCII letters.
func sameFold(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// InName reports whether a name chosen by a caller, of a method or a command, contains a literal
// secret or the address of a webhook.
func (s *Secrets) InName(name string) bool {
	if name == "" || s.Holds(name) {
		return name != ""
	}
	t := scanner{s: name, addresses: true}
	t.run()
	return t.done > 0
}
