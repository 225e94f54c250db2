package phpquery

import "bytes"

// mentionsResult reports whether the portal would replace a part of s (docs/protocol.md 4.6): a "$"
// with one of its words, in any letter case, and a [...] group before the next white space. There
// is no escape.
func mentionsResult(s []byte) bool {
	for {
		i := bytes.IndexByte(s, '$')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		if n := sectionLen(s); n > 0 && hasGroup(tail(s[n:])) {
			return true
		}
	}
}

// wholeReference reports whether s is exactly "$result[a][b]", so that the portal replaces all of
// it and keeps the type of the referenced value. Letter case matters: the portal turns "$RESULT[a]"
// into null.
func wholeReference(s []byte) bool {
	rest, ok := bytes.CutPrefix(s, []byte("$"))
	n := sectionLen(rest)
	if !ok || n == 0 || !bytes.Equal(bytes.ToLower(rest[:n]), rest[:n]) || len(tail(s)) < len(s) {
		return false
	}
	for rest = rest[n:]; len(rest) > 1 && rest[0] == '['; {
		end := bytes.IndexByte(rest, ']')
		if end < 2 {
			return false
		}
		if rest = rest[end+1:]; len(rest) == 0 {
			return true
		}
	}
	return false
}

// sectionLen returns the length of the word that s begins with, or 0. The portal accepts a prefix:
// "$results[a]" is a reference.
func sectionLen(s []byte) int {
	for _, word := range [...]string{"result", "next", "total", "time", "error"} {
		if len(s) >= len(word) && asciiEqualFold(s[:len(word)], word) {
			return len(word)
		}
	}
	return 0
}

// asciiEqualFold is not bytes.EqualFold: in Unicode "ſ" is also an s, but not in the portal's
// byte-wise expression.
func asciiEqualFold(s []byte, lower string) bool {
	for i, c := range s {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// tail returns s up to the first white space.
func tail(s []byte) []byte {
	for i, c := range s {
		if blank(c) {
			return s[:i]
		}
	}
	return s
}

// hasGroup reports whether \[([^\]]+)\] matches anywhere in s.
func hasGroup(s []byte) bool {
	for {
		open := bytes.IndexByte(s, '[')
		if open < 0 {
			return false
		}
		s = s[open+1:]
		switch bytes.IndexByte(s, ']') {
		case -1:
			return false
		case 0: // nothing between the brackets
		default:
			return true
		}
	}
}
