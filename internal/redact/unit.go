package redact

import "strings"

// A run of encodings or of backslashes longer than this is read in pieces, which keeps reading linear.
const maxRun = 32

// unit is one character of a text as the last reader of the text will see it, however it is spelled: raw, percent-encoded, escaped for
// JSON or for HTML. The zero unit is the end of the text.
type unit struct {
	c     byte
	depth int  // how often it is percent-encoded: a & inside an encoded value does not end that value
	esc   int  // how many backslashes stand before it
	size  int  // how many bytes it takes
	coded bool // whether the backslashes escape its number and not itself
}

// backslash returns how many bytes each of the backslashes takes.
func (u unit) backslash() int {
	if u.depth == 0 {
		return 1
	}
	return u.size / (u.esc + 1)
}

// unitAt reads the unit at s[i:].
func unitAt(s string, i int) unit {
	if i >= len(s) {
		return unit{}
	}
	switch s[i] {
	case '%', '\\', '&', '~':
		return spelledAt(s, i)
	default:
		return unit{c: s[i], size: 1}
	}
}

// spelledAt is unitAt for a character that several bytes may spell.
func spelledAt(s string, i int) unit {
	u := flatAt(s, i)
	if u.c == '&' {
		return entityAt(s, i, u)
	}
	return u
}

// flatAt is unitAt without what HTML writes with an ampersand.
func flatAt(s string, i int) unit {
	if i >= len(s) {
		return unit{}
	}
	switch s[i] {
	case '%':
		return percentAt(s, i)
	case '\\':
		return escapeAt(s, i)
	case '~':
		return pointerAt(s, i)
	default:
		return unit{c: s[i], size: 1}
	}
}

// pointerAt reads a tilde, or the slash that a JSON pointer writes as ~1.
func pointerAt(s string, i int) unit {
	if strings.HasPrefix(s[i:], "~1") {
		return unit{c: '/', size: 2}
	}
	return unit{c: '~', size: 1}
}

// percentAt reads a percent sign and what it encodes: %2F, %252F and so on.
func percentAt(s string, i int) unit {
	j, depth := i+1, 0
	for depth < maxRun && strings.HasPrefix(s[j:], "25") {
		j += 2
		depth++
	}
	c, ok := hexByte(s, j, 2)
	switch {
	case !ok:
		return unit{c: '%', depth: depth, size: j - i}
	case c == '\\':
		return encodedEscapeAt(s, i, unit{c: c, depth: depth + 1, esc: 1, size: j + 2 - i})
	default:
		return unit{c: c, depth: depth + 1, size: j + 2 - i}
	}
}

// encodedEscapeAt reads percent-encoded backslashes, u being the first, and what they escape: %5C%22, %5Cn.
func encodedEscapeAt(s string, i int, u unit) unit {
	one := s[i : i+u.size]
	for u.esc < maxRun && strings.HasPrefix(s[i+u.size:], one) {
		u.size += len(one)
		u.esc++
	}
	j := i + u.size
	if len(s)-j >= len(one) && s[j] == '%' && s[j:j+len(one)-2] == one[:len(one)-2] {
		if c, ok := hexByte(s, j+len(one)-2, 2); ok && (c == '/' || isQuote(c)) {
			return unit{c: c, depth: u.depth, esc: u.esc, size: u.size + len(one)}
		}
	}
	if j < len(s) && strings.IndexByte("nrtfb", s[j]) >= 0 {
		return unit{c: ' ', depth: u.depth, esc: u.esc, size: u.size + 1}
	}
	return u
}

// escapeAt reads backslashes and what they escape: \/, \", \u0026, \n, also when escaped several times.
func escapeAt(s string, i int) unit {
	j := i
	for j < len(s) && s[j] == '\\' && j-i < maxRun {
		j++
	}
	esc := j - i
	if j == len(s) {
		return unit{c: '\\', esc: esc, size: esc}
	}
	switch s[j] {
	case '/', '"', '\'', '`':
		return unit{c: s[j], esc: esc, size: esc + 1}
	case 'n', 'r', 't', 'f', 'b':
		return unit{c: ' ', esc: esc, size: esc + 1}
	case 'u':
		if c, ok := hexByte(s, j+1, 4); ok {
			return unit{c: c, esc: esc, size: esc + 5, coded: true}
		}
	case 'x':
		if c, ok := hexByte(s, j+1, 2); ok {
			return unit{c: c, esc: esc, size: esc + 3, coded: true}
		}
	}
	return unit{c: '\\', esc: esc, size: esc}
}

// hexByte reads n hexadecimal digits at s[i:] that make one byte.
func hexByte(s string, i, n int) (byte, bool) {
	if len(s)-i < n {
		return 0, false
	}
	v := 0
	for _, c := range []byte(s[i : i+n]) {
		switch {
		case isDigit(c):
			v = v<<4 | int(c-'0')
		case 'a' <= lower(c) && lower(c) <= 'f':
			v = v<<4 | int(lower(c)-'a'+10)
		default:
			return 0, false
		}
	}
	return byte(v), v <= 0xff
}

// isSpace reports whether c separates words.
func isSpace(c byte) bool {
	return c == ' ' || '\t' <= c && c <= '\r'
}

// isQuote reports whether c opens and closes a quoted value.
func isQuote(c byte) bool {
	return c == '"' || c == '\'' || c == '`'
}

// isSlash reports whether c separates the parts of a path. A backslash does so too: what stays of \/ that was percent-encoded.
func isSlash(c byte) bool {
	return c == '/' || c == '\\'
}

// skipSpaces returns where the blanks at s[i:] end; a line break is none.
func skipSpaces(s string, i int) int {
	for {
		u := unitAt(s, i)
		if u.c != ' ' && u.c != '\t' {
			return i
		}
		i += u.size
	}
}

// closes reports whether the unit u at s[i:] is a quote that ends what stands before it. One inside a value (it's) does not: JavaScript
// leaves -_.!~*'() in a URL as they are.
func closes(s string, i int, u unit) bool {
	if !isQuote(u.c) {
		return false
	}
	i += u.size
	next := unitAt(s, i)
	for ; next.c == ')'; next = unitAt(s, i) {
		i += next.size
	}
	return next.size == 0 || next.depth <= u.depth && !isWord(next.c) && strings.IndexByte(".!~*'(", next.c) < 0
}
