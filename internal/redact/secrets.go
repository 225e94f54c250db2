package redact

import (
	"cmp"
	"slices"
	"strings"
)

// minLiteral is the length from which a secret is masked wherever it stands. A shorter one would tear up text that only happens to hold
// it; where it stands as a secret, [Text] finds it.
const minLiteral = 6

// Secrets knows the secrets of one client by what they are, in addition to all that [Text] knows. It is immutable; nil and the zero
// value know nothing more than [Text].
type Secrets struct {
	// A closure, for no dump of a value that holds it prints what it knows.
	match func(text string, i int) (end int)
}

// New returns Secrets that know the given ones. Those shorter than 6 bytes are left to [Text].
func New(secrets ...string) *Secrets {
	known := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return len(s) < minLiteral })
	if len(known) == 0 {
		return &Secrets{}
	}
	slices.SortStableFunc(known, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return &Secrets{match: func(text string, i int) int {
		for _, secret := range known {
			if end := literalEnd(text, i, secret); end > i {
				return end
			}
		}
		return i
	}}
}

// Text is the function Text, which also masks the literal secrets: raw, percent-encoded, escaped for JSON, in any letter case, and cut
// off by the end of s after at least 6 characters.
func (s *Secrets) Text(text string) string {
	if s == nil || s.match == nil {
		return scan(text)
	}
	return scan(s.literals(text))
}

// literals masks the literal secrets.
func (s *Secrets) literals(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		end := s.match(text, i)
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

// literalEnd returns where the secret at s[i:] ends, in whatever way it is encoded; i if there is none.
func literalEnd(s string, i int, secret string) int {
	if c := s[i]; lower(c) != lower(secret[0]) && c != '%' && c != '\\' && c != '&' && c != '+' {
		return i
	}
	if len(s)-i >= len(secret) && sameFold(s[i:i+len(secret)], secret) {
		return i + len(secret)
	}
	end := i
	for k := range len(secret) {
		u := unitAt(s, end)
		if u.size == 0 && k >= minLiteral {
			return end // the rest was cut off
		}
		if u.size == 0 || lower(u.c) != lower(secret[k]) && (u.c != '+' || secret[k] != ' ') {
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
