package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// An answer may be as large as the client allows, but its snippet is not: at most window bytes,
// plus a few for each requested character, are inspected. If that cuts the answer, its last tail
// bytes are not shown, because a secret without its end may not be recognized.
const (
	window  = 64 << 10
	perRune = 8
	tail    = 4 << 10
)

// Snippet is the function [Snippet] that also masks the literal secrets.
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

// cutText is Text for a text that may have been cut off, such as an answer whose connection broke.
func (s *Secrets) cutText(text string) string {
	if s == nil || s.next == nil {
		return scan(text)
	}
	return scan(s.literals(text, minPiece))
}

// printable returns at most limit characters of s on one line, with an ellipsis if s is longer or
// was cut before. Unprintable characters are replaced, not dropped: dropping them could join what
// was separate.
func printable(s string, limit int, cut bool) string {
	var b strings.Builder
	n, last := 0, 0 // characters written; start of the last one
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
