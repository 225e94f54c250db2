package redact

// longestEntity bounds the digits of an entity, whose number may be padded.
const longestEntity = 40

// entityAt decodes the ampersand amp at s[i:] as HTML does: a page may write any character by its
// number, and an ampersand written in this way may begin the next entity.
func entityAt(s string, i int, amp unit) unit {
	for range maxRun {
		c, end := entity(s, i+amp.size)
		if end < 0 {
			break
		}
		amp = unit{c: c, depth: amp.depth, size: end - i}
		if c != '&' {
			break
		}
	}
	return amp
}

// entity returns the ASCII character that s[i:], after an ampersand, stands for, and where it ends,
// or -1 if there is none.
func entity(s string, i int) (c byte, end int) {
	if u := flatAt(s, i); u.c == '#' {
		return numbered(s, i+u.size)
	}
	var name [10]byte
	n := 0
	for range name {
		u := flatAt(s, i)
		i += u.size
		if u.c == ';' {
			return named(string(name[:n]), i)
		}
		if !isLetter(u.c) {
			break
		}
		name[n] = u.c
		n++
	}
	return 0, -1
}

// numbered reads the number of a character: 97; or x61; as in a browser, the semicolon may be
// missing.
func numbered(s string, i int) (c byte, end int) {
	base, value, digits := 10, 0, 0
	if u := flatAt(s, i); lower(u.c) == 'x' {
		base = 16
		i += u.size
	}
	for range longestEntity {
		u := flatAt(s, i)
		d := digit(u.c)
		if d >= base {
			break
		}
		value = min(value*base+d, 1<<16)
		digits++
		i += u.size
	}
	if u := flatAt(s, i); u.c == ';' {
		i += u.size
	}
	if digits == 0 || value < ' ' || value > '~' {
		return 0, -1
	}
	return byte(value), i
}

// digit returns the value of a hexadecimal digit, or a large number for anything else.
func digit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= lower(c) && lower(c) <= 'f':
		return int(lower(c)-'a') + 10
	default:
		return 1 << 8
	}
}

// named returns the character of that name, and end; at is -1 for a character that neither occurs
// in addresses, names and secrets nor separates them.
func named(name string, end int) (c byte, at int) {
	for i, known := range [...]string{"amp", "quot", "apos", "grave", "lt", "gt", "sol", "bsol", "equals", "colon", "lowbar", "UnderBar", "period", "quest", "num", "percnt", "plus", "commat"} {
		if known == name {
			return "&\"'`<>/\\=:__.?#%+@"[i], end
		}
	}
	return 0, -1
}
