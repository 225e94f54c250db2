package redact

import "strings"

// ellipses returns the notations for cut-off text.
func ellipses() [7]string {
	return [...]string{"…", "...", `\u2026`, "&hellip;", "&#8230;", "&#x2026;", "%E2%80%A6"}
}

// endsInCut reports whether something was cut off at the end of s.
func endsInCut(s string) bool {
	if s == "" {
		return false
	}
	switch s[len(s)-1] {
	case "…"[2], '6', ';':
	case '.':
		return strings.HasSuffix(s, "...")
	default:
		return false
	}
	for _, mark := range ellipses() {
		if strings.HasSuffix(s, mark) {
			return true
		}
	}
	return false
}

// cutAt returns where s is cut off: at i, or after the beginning of the spelling of one character
// there. It returns -1 if s is not cut.
func cutAt(s string, i int, at place) int {
	const longest = 12 // of the spelling of one character, such as the beginning of &amp;#x0061;
	for end := i; end <= i+longest; end++ {
		switch {
		case isCut(s, end, at):
			return end
		case end == len(s), end == i && !startsSpelling(s[end]), end > i && !spells(s[end]):
			return -1
		}
	}
	return -1
}

// startsSpelling reports whether c can be the first of several bytes that spell one character.
func startsSpelling(c byte) bool { return c == '%' || c == '\\' || c == '&' }

// isCut reports whether s is cut off at i.
func isCut(s string, i int, at place) bool {
	if i == len(s) {
		return at.atEnd <= minPiece
	}
	for _, mark := range ellipses() {
		if strings.HasPrefix(s[i:], mark) {
			return true
		}
	}
	return false
}

// spells reports whether c can occur inside the spelling of one character.
func spells(c byte) bool { return isLetter(c) || isDigit(c) || c == '#' || c == ';' }
