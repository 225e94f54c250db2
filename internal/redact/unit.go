package redact

import "strings"

// maxRun bounds a run of encodings or backslashes that is read as one; longer runs are read in
// pieces, so that reading stays linear.
const maxRun = 32

// unit is one character as the last reader of the text will see it, in any spelling: raw,
// percent-encoded, or escaped for JSON or HTML. The zero unit is the end of the text.
type unit struct {
	c     byte
	depth int  // how often it is percent-encoded: a & inside an encoded value does not end that value
	esc   int  // number of backslashes before it
	size  int  // number of bytes
	coded bool // the backslashes escape its number, not the character
}

// backslash returns the number of bytes of each backslash.
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

// spelledAt is unitAt for a character that may be spelled with several bytes.
func spelledAt(s string, i int) unit {
	u := flatAt(s, i)
	if u.c == '&' {
		return entityAt(s, i, u)
	}
	return u
}

// flatAt is unitAt without HTML entities.
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

// encodedEscapeAt reads percent-encoded backslashes, the first of which is u, and what they escape:
// %5C%22, %5Cn.
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

// escapeAt reads backslashes and what they escape: \/, \", \u0026, \n, also if escaped several
// times.
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

// hexByte reads n hexadecimal digits at s[i:] that form one byte.
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

// isSlash reports whether c separates the parts of a path. A backslash also does: it remains of a
// \/ that was percent-encoded.
func isSlash(c byte) bool {
	return c == '/' || c == '\\'
}

// skipSpaces returns where the blanks at s[i:] end; a line break is not a blank.
func skipSpaces(s string, i int) int {
	for {
		u := unitAt(s, i)
		if u.c != ' ' && u.c != '\t' {
			return i
		}
		i += u.size
	}
}

// closes reports whether the unit u at s[i:] is a quote that ends what precedes it. A quote inside
// a value (it's) does not: JavaScript leaves -_.!~*'() in a URL unencoded.
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
