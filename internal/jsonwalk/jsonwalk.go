// Package jsonwalk walks JSON that was validated before: it finds where values end and does not
// look inside them. On invalid JSON it returns false, or values that are not valid JSON either.
package jsonwalk

import "bytes"

// Space returns the position of the first byte at or after i that is not white space.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// At returns the byte at i, or 0 beyond the end.
func At(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

// skipString returns the position after the string that begins at i, or -1 if it does not end.
func skipString(b []byte, i int) int {
	const short = 16 // most strings end before a call would pay off
	for i++; i < len(b); {
		end := min(i+short, len(b))
		for i < end && b[i] != '"' {
			i++
		}
		if i == end {
			n := bytes.IndexByte(b[i:], '"')
			if n < 0 {
				return -1
			}
			i += n
		}
		i++
		if b[i-2] != '\\' || !escaped(b, i-1) {
			return i
		}
	}
	return -1
}

// escaped reports whether an odd number of backslashes precedes i.
func escaped(b []byte, i int) bool {
	n := 0
	for i--; i >= 0 && b[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// skipValue returns the position after the value that begins at i, or -1 if it does not end.
func skipValue(b []byte, i int) int {
	switch At(b, i) {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipRest(b, i+1)
	case 0, ',', ':', '}', ']':
		return -1
	default:
		return skipPlain(b, i)
	}
}

// skipRest returns the position after the object or array that contains i, or -1 if it does not
// end.
func skipRest(b []byte, i int) int {
	depth := 1
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// skipPlain returns the position after a number, true, false or null.
func skipPlain(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

// Members calls f with the quoted name and the value of each member of the object b until f returns
// false. It reports false if b is not a complete object.
func Members(b []byte, f func(name, value []byte) bool) bool {
	return object(b, 0, func(name []byte, from int) int {
		end := skipValue(b, from)
		if end >= 0 && !f(name, b[from:end:end]) {
			return enough
		}
		return end
	}) != broken
}

// Elements calls f with each element of the array b until f returns false. It reports false if b is
// not a complete array.
func Elements(b []byte, f func(value []byte) bool) bool {
	return array(b, 0, func(from int) int {
		end := skipValue(b, from)
		if end >= 0 && !f(b[from:end:end]) {
			return enough
		}
		return end
	}) != broken
}

// Results of a walk that are not positions.
const (
	broken = -1 // the text is not a complete value
	enough = -2 // the caller stopped
)

// object calls f with the quoted name of each member and the position of its value; f returns the
// position after the value. object returns the position after the object.
func object(b []byte, i int, f func(name []byte, from int) int) int {
	i = Space(b, i)
	if At(b, i) != '{' {
		return broken
	}
	if i = Space(b, i+1); At(b, i) == '}' {
		return i + 1
	}
	for At(b, i) == '"' {
		colon := skipString(b, i)
		if colon < 0 {
			return broken
		}
		name := b[i:colon]
		if colon = Space(b, colon); At(b, colon) != ':' {
			return broken
		}
		end := f(name, Space(b, colon+1))
		if end < 0 {
			return end
		}
		switch i = Space(b, end); At(b, i) {
		case '}':
			return i + 1
		case ',':
			i = Space(b, i+1)
		default:
			return broken
		}
	}
	return broken
}

// array is object for the elements of an array.
func array(b []byte, i int, f func(from int) int) int {
	i = Space(b, i)
	if At(b, i) != '[' {
		return broken
	}
	if i = Space(b, i+1); At(b, i) == ']' {
		return i + 1
	}
	for {
		end := f(i)
		if end < 0 {
			return end
		}
		switch i = Space(b, end); At(b, i) {
		case ']':
			return i + 1
		case ',':
			i = Space(b, i+1)
		default:
			return broken
		}
	}
}
