package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// An answer may be as large as the client allows, its snippet is not: no more than window bytes (and a few for each character asked
// for) are looked at. Where that cuts, the last tail bytes are not shown, for a secret whose end is missing may not be recognised.
const (
	window  = 64 << 10
	perRune = 8
	tail    = 4 << 10
)

// Snippet is the function Snippet, which also masks the literal secrets.
func (s *Secrets) Snippet(b []byte, limit int) string {
	if limit <= 0 {
		return ""
	}
	size := window + perRune*min(limit, len(b))
	if len(b) <= size {
		return printable(s.cutText(string(b)), limit, false)
	}
	text := s.cutText(string(b[:size]))
	return printable(text[:max(0, len(text)-tail)], limit, true)
}

// cutText is Text of what may have been cut off, as an answer whose connection broke.
func (s *Secrets) cutText(text string) string {
	if s == nil || s.next == nil {
		return scan(text)
	}
	return scan(s.literals(text, minPiece))
}

// printable returns at most limit characters of s in one line, with an ellipsis where s is longer or was cut before. What cannot be
// printed is replaced and not dropped: dropping could put together what was apart.
func printable(s string, limit int, cut bool) string {
	var b strings.Builder
	n, last := 0, 0 // characters written; where the last of them begins
	blank := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = n > 0
			continue
		}
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		for _, r := range [...]rune{' ', r} {
			if r == ' ' && !blank {
				continue
			}
			if n == limit {
				return b.String()[:last] + "…"
			}
			last = b.Len()
			b.WriteRune(r)
			n++
		}
		blank = false
	}
	switch {
	case !cut:
		return b.String()
	case n == limit:
		return b.String()[:last] + "…"
	default:
		return b.String() + "…"
	}
}
